"""Grading one run: take it, grade it with no transaction open, record it once.

This is the one code path, whichever worker on whichever machine the ring brings here.
"""

from __future__ import annotations

import functools
import logging
import threading
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import asdict
from datetime import datetime, timedelta
from types import TracebackType
from typing import Any, Protocol, Self

from sqlalchemy.orm import Session

from quizzer.domain.submissions import Claim, WaitingRun
from quizzer.services.remembering import remember_submission
from quizzer.services.submitting import (
    LONGEST_QUEUE,
    CheckResult,
    Exercise,
    Exercises,
    Report,
    Verdict,
)
from quizzer.store import ledger, submissions
from quizzer.store.db import Database
from quizzer.store.patience import AWAY, keep_trying, name_reason

MOST_TRIES = 3
LEASE_S = 15.0
SHOW_EVERY_S = 0.08  # how often a page that watches a run can learn something new
RING_AGAIN_AFTER_S = 2.0
# How long a run waits for a worker that has the exercise exactly as it was when it was handed in.
SAME_VERSION_FOR_S = 30.0
# How long it waits for a worker that has the exercise at all.
ANY_VERSION_FOR_S = 3600.0

Clock = Callable[[], datetime]

_log = logging.getLogger(__name__)


class Grading(Protocol):
    """What grades; `graders.facade.Grader` in service."""

    def grade(
        self,
        exercise: Exercise,
        source: bytes,
        *,
        device: str = ...,
        on_check: Callable[[CheckResult], None] | None = ...,
    ) -> Report:
        """Return the report of a submission; `on_check` hears of each check as it is judged."""


def grade_run(
    database: Database,
    exercises: Exercises,
    grader: Grading,
    *,
    run_id: int,
    worker: str,
    clock: Clock,
    lease_s: float = LEASE_S,
    look: Callable[[], Exercises] | None = None,
) -> bool:
    """Grade a run if it is to be had; return whether this call recorded its report.

    Where the platform is at fault the run is given back, and counts as tried. `look` gives the
    exercises anew, which takes a while: it is asked only where the run is of a version that is not
    among these.

    Raises:
        Exception: whatever the grader raises, which is never the learner's doing. The run has been
            given back by then and counts as tried.
    """
    exercise = _find_exercise(database, exercises, look, run_id=run_id, now=clock())
    if exercise is None:
        return False
    claim = _claim(database, run_id=run_id, worker=worker, now=clock(), lease_s=lease_s)
    if claim is None:
        return False
    with (
        _Lease(database, claim, clock=clock, lease_s=lease_s),
        _Progress(database, claim) as progress,
    ):
        try:
            report = grader.grade(
                exercise, claim.source, device=claim.device, on_check=progress.hear
            )
        except Exception:
            _give_back(database, claim)
            raise
        if report.verdict is Verdict.PLATFORM_ERROR:
            # It may well go better the next time; after MOST_TRIES the round parks it.
            _log.warning("Try %d of run %d failed through no code of it.", claim.tries, run_id)
            _give_back(database, claim)
            return False
        return _record(database, claim, report, now=clock())


def requeue_lost(session: Session, *, now: datetime) -> tuple[WaitingRun, ...]:
    """Put lost runs back, park the hopeless; return those that wait unheard, in their turn."""
    lost = ledger.requeue_lost(session, now=now, max_tries=MOST_TRIES)
    if lost:
        _log.warning("The workers of runs %s were lost; they are queued again.", lost)
    unheard = now - timedelta(seconds=RING_AGAIN_AFTER_S)
    return ledger.list_waiting(session, queued_before=unheard, limit=LONGEST_QUEUE)


def release_worker(session: Session, *, worker: str, is_at_fault: bool = True) -> tuple[int, ...]:
    """Take back what a worker holds that has ended or was asked to; return the runs."""
    return ledger.release_runs(session, worker=worker, is_at_fault=is_at_fault)


def _find_exercise(
    database: Database,
    exercises: Exercises,
    look: Callable[[], Exercises] | None,
    *,
    run_id: int,
    now: datetime,
) -> Exercise | None:
    """The exercise of a run, or None where the run is better left to another worker."""
    with database.snapshot() as session:
        found = submissions.find_run(session, run_id=run_id)
    if found is None:
        return None
    key, exercise_hash, queued_at = found
    exercise = exercises.get(key)
    if look is not None and (exercise is None or exercise.hash != exercise_hash):
        exercise = look().get(key)
    waited_s = (now - queued_at).total_seconds()
    if exercise is None:
        _say_once(f"Run {run_id} is left to other workers: there is no exercise {key!r} here.")
        if waited_s > ANY_VERSION_FOR_S:
            with database.transaction() as session:
                ledger.park_run(session, run_id=run_id, now=now)
        return None
    if exercise.hash != exercise_hash and waited_s < SAME_VERSION_FOR_S:
        _say_once(f"Run {run_id} waits for a worker with its version of {key!r}.")
        return None
    return exercise


@functools.lru_cache(maxsize=1000)
def _say_once(message: str) -> None:
    """Log a message that every further ring would repeat."""
    _log.warning(message)


def _claim(
    database: Database, *, run_id: int, worker: str, now: datetime, lease_s: float
) -> Claim | None:
    def claim() -> Claim | None:
        with database.transaction() as session:
            return ledger.claim_run(
                session,
                run_id=run_id,
                worker=worker,
                now=now,
                lease_s=lease_s,
                max_tries=MOST_TRIES,
            )

    return keep_trying(claim)


def _record(database: Database, claim: Claim, report: Report, *, now: datetime) -> bool:
    values = _storable(report.to_dict())

    def record() -> bool:
        with database.transaction() as session:
            submissions.lock_owner(session, run_id=claim.run_id)  # first, as everywhere
            is_recorded = ledger.record_report(session, claim, report=values, now=now)
            if is_recorded:
                remember_submission(session, run_id=claim.run_id)
            return is_recorded

    is_recorded = keep_trying(record)
    if not is_recorded:
        _log.warning("Run %d went to another worker; this report is dropped.", claim.run_id)
    return is_recorded


def _give_back(database: Database, claim: Claim) -> None:
    def give_back() -> None:
        with database.transaction() as session:
            ledger.give_back(session, claim)

    keep_trying(give_back)


def _storable(value: Any) -> Any:  # noqa: ANN401 - JSON values of any depth
    """JSON values that every database takes and every page can show.

    What a submission printed may hold NUL, which PostgreSQL refuses, and lone surrogates, which no
    page can encode.
    """
    if isinstance(value, str):
        return value.replace("\0", "\N{REPLACEMENT CHARACTER}").encode("utf-8", "replace").decode()
    if isinstance(value, dict):
        return {key: _storable(entry) for key, entry in value.items()}
    if isinstance(value, list | tuple):
        return [_storable(entry) for entry in value]
    return value


class _Beside(ABC):
    """Does something beside the grading of a run, in a thread of its own, until that is over."""

    def __init__(self, what: str, database: Database, claim: Claim) -> None:
        self._database = database
        self._claim = claim
        self._is_over = threading.Event()
        self._thread = threading.Thread(
            target=self._keep, name=f"{what} of run {claim.run_id}", daemon=True
        )

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._is_over.set()
        self._thread.join()

    @abstractmethod
    def _keep(self) -> None:
        """Go on until `_is_over` is set."""


class _Lease(_Beside):
    """Keeps a run ours while it is graded: renews the lease."""

    def __init__(self, database: Database, claim: Claim, *, clock: Clock, lease_s: float) -> None:
        super().__init__("lease", database, claim)
        self._clock = clock
        self._lease_s = lease_s

    def _keep(self) -> None:
        while not self._is_over.wait(self._lease_s / 3):
            try:
                is_ours = self._renew()
            except AWAY as error:
                reason = name_reason(error)
                _log.warning("The lease of run %d waits: %s", self._claim.run_id, reason)
                continue
            if not is_ours:
                return

    def _renew(self) -> bool:
        until = self._clock() + timedelta(seconds=self._lease_s)
        with self._database.transaction() as session:
            return ledger.renew_lease(session, self._claim, lease_until=until)


class _Progress(_Beside):
    """Shows the checks on the page while the run goes on.

    The grading never waits for it: most runs have ended before anything is written, and whoever
    has the report needs none of this.
    """

    def __init__(self, database: Database, claim: Claim) -> None:
        super().__init__("progress", database, claim)
        self._heard: list[CheckResult] = []

    def hear(self, result: CheckResult) -> None:
        """Take the next result; returns at once."""
        self._heard.append(result)

    def _keep(self) -> None:
        shown = 0
        while not self._is_over.wait(SHOW_EVERY_S):
            results = self._heard[shown:]
            if results and self._show(results, first_no=shown + 1):
                shown += len(results)

    def _show(self, results: Sequence[CheckResult], *, first_no: int) -> bool:
        """Record these for the page; whether that could be done."""
        try:
            with self._database.transaction() as session:
                for no, result in enumerate(results, first_no):
                    values = _storable(asdict(result))
                    ledger.record_check(session, self._claim, no=no, result=values)
        except AWAY as error:
            # Only the live view lacks them: the report has every check.
            reason = name_reason(error)
            _log.warning("Run %d is not shown yet: %s", self._claim.run_id, reason)
            return False
        return True
