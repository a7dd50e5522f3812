"""Handing in code: keep it, queue it, show what became of it.

A submission is a row before anything runs. This module and `proving` are the only ones of the site
that import the grader; whoever else needs its words takes them from here.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from sqlalchemy.orm import Session

from graders.facade import (
    CHECKS,
    REFERENCE,
    CheckResult,
    Difference,
    Excerpt,
    Exercise,
    ExerciseError,
    ExerciseTexts,
    Grader,
    GraderError,
    KnownSubmission,
    Report,
    Verdict,
    diagnose,
    list_exercises,
    load_exercise,
    make_exercise,
)
from quizzer.domain.submissions import PastSubmission, Run, RunState, Submission
from quizzer.errors import InvalidResponseError, NotFoundError, TooManyRequestsError
from quizzer.store import submissions as stored
from quizzer.store import users
from quizzer.store.db import Database

__all__ = [
    "CHECKS",
    "REFERENCE",
    "CheckResult",
    "Difference",
    "Excerpt",
    "Exercise",
    "ExerciseError",
    "ExerciseTexts",
    "Exercises",
    "Grader",
    "GraderError",
    "KnownSubmission",
    "PastSubmissionView",
    "Report",
    "SubmissionState",
    "SubmissionView",
    "Verdict",
    "diagnose",
    "find_best_score",
    "find_progress",
    "get_submission",
    "hand_in",
    "list_exercises",
    "list_submissions",
    "load_exercise",
    "make_exercise",
    "require_acceptable",
    "submit",
]

LONGEST_QUEUE = 200
RETRY_AFTER_S = 30
INTERACTIVE = 10  # priority of a run that somebody waits for at a page
_LONGEST_FORM_KEY = 200

Exercises = Mapping[str, Exercise]


class SubmissionState(StrEnum):
    """What a learner is told about a submission."""

    KEPT = "kept"  # stored, and not to be graded: replaced by a newer one, or the queue was full
    QUEUED = "queued"
    RUNNING = "running"
    GRADED = "graded"
    PARKED = "parked"  # grading failed again and again; our fault

    @property
    def is_settled(self) -> bool:
        """Whether there is nothing more to wait for."""
        return self not in (SubmissionState.QUEUED, SubmissionState.RUNNING)


@dataclass(frozen=True, slots=True, kw_only=True)
class SubmissionView:
    """A submission, ready for a page.

    Attributes:
        run_id: the run to ring for; None where nothing is to be graded.
        place: place in the queue from 1, while it waits.
        report: once graded.
        partial: the checks judged so far, while it runs.
        is_current_version: whether it was graded, or will be, by the exercise as it is now.
    """

    id: int
    exercise_key: str
    source: bytes
    at: datetime
    state: SubmissionState
    run_id: int | None
    place: int | None
    report: Report | None
    partial: tuple[CheckResult, ...]
    is_current_version: bool

    @property
    def is_settled(self) -> bool:
        """Whether there is nothing more to wait for."""
        return self.state.is_settled

    @property
    def progress(self) -> str:
        """How far it is, as of `find_progress`; empty once it is settled."""
        if self.is_settled:
            return ""
        return _name_progress(self.state, self.place, len(self.partial))


@dataclass(frozen=True, slots=True, kw_only=True)
class PastSubmissionView:
    """A submission as the history lists it.

    Attributes:
        verdict, score: once graded, and a verdict where it was parked.
        is_current_version: as of `SubmissionView`.
        counts: whether it can be the learner's best: not while the solution was open to them.
    """

    id: int
    at: datetime
    state: SubmissionState
    verdict: Verdict | None
    score: float | None
    is_current_version: bool
    counts: bool = True


class Bell(Protocol):
    """Tells a worker that a run waits; see `ringing`."""

    def ring(self, run_id: int, *, priority: int = 0) -> None:
        """Ring once; may be lost."""


def hand_in(
    database: Database,
    exercises: Exercises,
    bell: Bell,
    *,
    user_id: int,
    exercise_key: str,
    source: bytes,
    idempotency_key: str,
    device: str = "cpu",
    now: datetime,
) -> SubmissionView:
    """Keep a submission, then tell a worker: the whole of what a page does.

    Raises:
        TooManyRequestsError: if the queue is full. The source is stored all the same, and the same
            form sent again queues it.
        NotFoundError, InvalidResponseError: as `submit`.
    """
    with database.transaction() as session:
        view = submit(
            session,
            exercises,
            user_id=user_id,
            exercise_key=exercise_key,
            source=source,
            idempotency_key=idempotency_key,
            device=device,
            now=now,
        )
        is_full = view.run_id is None and stored.is_newest(session, submission_id=view.id)
    if is_full:
        raise TooManyRequestsError(
            "Too many submissions are waiting. Yours is kept: send it again in a moment.",
            RETRY_AFTER_S,
        )
    if view.run_id is not None and view.state is SubmissionState.QUEUED:
        bell.ring(view.run_id, priority=INTERACTIVE)
    return view


def submit(
    session: Session,
    exercises: Exercises,
    *,
    user_id: int,
    exercise_key: str,
    source: bytes,
    idempotency_key: str,
    device: str = "cpu",
    now: datetime,
) -> SubmissionView:
    """Keep a submission and queue a run of it, in the place of the learner's waiting one.

    The same form with the same source is one submission, however often it comes; changed source
    under an old form is a new one. With a full queue the submission is kept without a run. Whether
    the source is too long, no text or no Python is for the grader to say.

    Raises:
        NotFoundError: for an unknown exercise.
        InvalidResponseError: for a form without its key, or a device the exercise has not.
    """
    exercise = _get_exercise(exercises, exercise_key)
    require_acceptable(exercise, idempotency_key=idempotency_key, device=device)
    users.lock_user(session, user_id=user_id)  # two tabs at once queue one run
    submission_id = stored.record_submission(
        session,
        user_id=user_id,
        exercise=exercise_key,
        source=source,
        idempotency_key=_hash_of(idempotency_key, exercise_key, device, source),
        now=now,
    )
    submission = _require_own(session, submission_id, user_id)
    if submission.run is None and stored.is_newest(session, submission_id=submission_id):
        _queue(session, submission, exercise, device=device, now=now)
    return get_submission(session, exercises, submission_id=submission_id, user_id=user_id)


def get_submission(
    session: Session, exercises: Exercises, *, submission_id: int, user_id: int
) -> SubmissionView:
    """Return one of the learner's submissions.

    Raises:
        NotFoundError: if there is none of this id, or it is somebody else's.
    """
    return _view(session, _require_own(session, submission_id, user_id), exercises)


def find_progress(session: Session, *, submission_id: int, user_id: int) -> str:
    """Return how far a learner's submission is, in a word that changes as a page of it would.

    Far cheaper than the page: it is for those who ask again and again. Empty where there is nothing
    to wait for, or no such submission.
    """
    found = stored.find_progress(session, user_id=user_id, submission_id=submission_id)
    state = _name_state(None if found is None else found.state)
    if found is None or state.is_settled:
        return ""
    return _name_progress(state, found.place, found.judged)


def list_submissions(
    session: Session, exercises: Exercises, *, user_id: int, exercise_key: str
) -> tuple[PastSubmissionView, ...]:
    """Return the learner's submissions of an exercise, the newest first."""
    own = stored.list_submissions(session, user_id=user_id, exercise=exercise_key)
    return tuple(
        PastSubmissionView(
            id=past.id,
            at=past.at,
            state=_name_state(past.state),
            verdict=None if past.verdict is None else Verdict(past.verdict),
            score=past.score,
            is_current_version=_is_current(exercises, exercise_key, past.exercise_hash),
            counts=past.counts,
        )
        for past in own
    )


def find_best_score(
    session: Session, *, user_id: int, exercise_key: str
) -> tuple[float, int] | None:
    """Return a learner's best score for an exercise, in [0, 1], and the submission that got it.

    Of equal ones the latest counts. None before anything was graded; what somebody else than the
    learner is to blame for is no score, nor is what was handed in beside the solution.
    """
    own = stored.list_submissions(session, user_id=user_id, exercise=exercise_key)
    scored = [(past.score, past.id) for past in own if past.score is not None and _is_scored(past)]
    return max(scored, default=None)


def _is_scored(past: PastSubmission) -> bool:
    return past.counts and past.verdict is not None and Verdict(past.verdict).is_graded


def _get_exercise(exercises: Exercises, key: str) -> Exercise:
    if key not in exercises:
        raise NotFoundError("There is no such exercise.")
    return exercises[key]


def require_acceptable(exercise: Exercise, *, idempotency_key: str, device: str = "cpu") -> None:
    """Raise InvalidResponseError for a form that `submit` would refuse; any source is taken."""
    if not 0 < len(idempotency_key) <= _LONGEST_FORM_KEY:
        raise InvalidResponseError("The form is incomplete: load the page again.")
    if device not in exercise.devices:
        raise InvalidResponseError(
            f"This exercise is graded on {' or '.join(exercise.devices)}, not on {device!r}."
        )


def _hash_of(idempotency_key: str, exercise_key: str, device: str, source: bytes) -> str:
    """One key for one form and one source; NUL keeps the parts apart."""
    parts = [part.encode("utf-8", "replace") for part in (idempotency_key, exercise_key, device)]
    return hashlib.sha256(b"\0".join([*parts, source])).hexdigest()


def _queue(
    session: Session, submission: Submission, exercise: Exercise, *, device: str, now: datetime
) -> None:
    stored.withdraw_waiting(session, user_id=submission.user_id, exercise=submission.exercise)
    if stored.count_waiting(session, device=device) >= LONGEST_QUEUE:
        return
    stored.record_run(
        session,
        submission_id=submission.id,
        exercise_hash=exercise.hash,
        device=device,
        priority=INTERACTIVE,
        now=now,
    )


def _require_own(session: Session, submission_id: int, user_id: int) -> Submission:
    submission = stored.find_submission(session, submission_id=submission_id)
    if submission is None or submission.user_id != user_id:
        raise NotFoundError("There is no such submission.")
    return submission


def _name_state(state: RunState | None) -> SubmissionState:
    return SubmissionState.KEPT if state is None else SubmissionState(state.value)


def _find_place(session: Session, submission: Submission) -> int | None:
    if submission.run is None or submission.run.state is not RunState.QUEUED:
        return None
    progress = stored.find_progress(
        session, user_id=submission.user_id, submission_id=submission.id
    )
    return None if progress is None else progress.place


def _name_progress(state: SubmissionState, place: int | None, judged: int) -> str:
    return f"{state}-{place or 0}-{judged}"


def _is_current(exercises: Exercises, key: str, exercise_hash: str | None) -> bool:
    current = exercises.get(key)
    return exercise_hash is None or (current is not None and current.hash == exercise_hash)


def _view(session: Session, submission: Submission, exercises: Exercises) -> SubmissionView:
    run = submission.run
    exercise_hash = None if run is None else run.exercise_hash
    return SubmissionView(
        id=submission.id,
        exercise_key=submission.exercise,
        source=submission.source,
        at=submission.at,
        state=_name_state(None if run is None else run.state),
        run_id=None if run is None else run.id,
        place=_find_place(session, submission),
        report=_report(run),
        partial=_partial(run),
        is_current_version=_is_current(exercises, submission.exercise, exercise_hash),
    )


def _report(run: Run | None) -> Report | None:
    return Report.from_dict(run.report) if run is not None and run.report is not None else None


def _partial(run: Run | None) -> tuple[CheckResult, ...]:
    if run is None or run.state is not RunState.RUNNING:
        return ()
    return tuple(CheckResult.from_dict(check) for check in run.checks)
