"""Having the solution of an exercise shown before it is solved: what that costs, and until when."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from quizzer.errors import ConflictError, NotFoundError
from quizzer.services.resuming import find_question
from quizzer.services.sitting import Library
from quizzer.services.submitting import Exercises
from quizzer.store import submissions, users

NOT_COUNTED_FOR = timedelta(hours=12)
"""How long the solution stays open; what is handed in meanwhile is graded and does not count."""


def give_up(
    session: Session,
    library: Library,
    exercises: Exercises,
    *,
    user_id: int,
    exercise_key: str,
    now: datetime,
) -> None:
    """Open the solution of an exercise to a learner; again, while it is open, changes nothing.

    What they reached before stays theirs.

    Raises:
        NotFoundError: for an unknown exercise.
        ConflictError: before they handed anything in, or while an open question leads there.
    """
    if exercise_key not in exercises:
        raise NotFoundError("There is no such exercise.")
    users.lock_user(session, user_id=user_id)  # a double click is one giving up
    if find_question(session, library, user_id=user_id, exercise_key=exercise_key, now=now):
        raise ConflictError("An open question of yours leads to this exercise: answer it first.")
    if not submissions.list_submissions(session, user_id=user_id, exercise=exercise_key):
        raise ConflictError("Hand in one attempt first: then it can be shown.")
    open_solution(session, user_id=user_id, exercise_key=exercise_key, now=now)


def open_solution(session: Session, *, user_id: int, exercise_key: str, now: datetime) -> None:
    """Keep that a learner sees the solution from now on; while it is open, nothing changes."""
    if find_end(session, user_id=user_id, exercise_key=exercise_key, now=now) is None:
        until = now + NOT_COUNTED_FOR
        submissions.record_giving_up(
            session, user_id=user_id, exercise=exercise_key, now=now, until=until
        )


def find_end(
    session: Session, *, user_id: int, exercise_key: str, now: datetime
) -> datetime | None:
    """Return until when the solution is open to a learner who gave up; None where it is not."""
    return submissions.find_giving_up(session, user_id=user_id, exercise=exercise_key, now=now)
