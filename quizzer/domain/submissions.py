"""Submissions and their runs as values; what a report holds is for the services to know."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

PLATFORM_ERROR = "platform_error"
NO_TRY = (PLATFORM_ERROR, "author_error")
"""The verdicts that are not the learner's doing: never counted, never a score."""


class RunState(StrEnum):
    """Where a run stands in the ledger."""

    QUEUED = "queued"  # waits for a worker
    RUNNING = "running"  # a worker has it until its lease ends
    GRADED = "graded"  # its report is recorded
    PARKED = "parked"  # every worker that took it was lost; our fault, never a try


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One grading of one submission.

    Attributes:
        tries: how many workers have taken it.
        report: the whole report as JSON values, once graded.
        checks: the checks judged so far as JSON values, in order.
    """

    id: int
    run_no: int
    exercise_hash: str
    device: str
    priority: int
    state: RunState
    tries: int
    queued_at: datetime
    report: dict[str, Any] | None
    checks: tuple[dict[str, Any], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class RunProgress:
    """How far a run is.

    Attributes:
        place: in the queue, from 1; None unless it waits.
        judged: how many of its checks have a result; 0 unless it runs.
    """

    state: RunState
    place: int | None = None
    judged: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Submission:
    """Code that a learner sent.

    Attributes:
        source: the bytes as they came.
        run: the run that counts; None where the submission is kept but not to be graded, because
            a newer one took its place or the queue was full.
    """

    id: int
    user_id: int
    exercise: str
    source: bytes
    at: datetime
    run: Run | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PastSubmission:
    """A submission as the history lists it, without source and report.

    Attributes:
        exercise_hash, state, verdict, score: of the run that counts; None where there is none, the
            last two also before it has ended.
        counts: whether it can be the learner's best: not while the solution was open to them.
    """

    id: int
    at: datetime
    exercise_hash: str | None
    state: RunState | None
    verdict: str | None
    score: float | None
    counts: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitingRun:
    """A run that no worker has, and how urgent it is: higher goes first."""

    id: int
    priority: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """A run that a worker has taken.

    Attributes:
        token: fences everything that this worker records; a newer claim has another one.
        tries: this one included.
    """

    run_id: int
    token: str
    exercise: str
    exercise_hash: str
    device: str
    source: bytes
    tries: int
