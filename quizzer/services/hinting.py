"""Hints of an exercise: opening them in steps, and for how long they are open.

What a hint costs is that the exercise comes back sooner; no score is lowered by it. It stays open
until the exercise is solved and another day has come: then the exercise may be tried unaided.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy.orm import Session

from quizzer.errors import NotFoundError
from quizzer.services.days import find_day
from quizzer.services.submitting import Exercise
from quizzer.store import opened_hints, review_cards, users
from quizzer.store.opened_hints import OpenedHint
from quizzer.store.review_cards import GradedSubmission


def open_hint(
    session: Session, exercise: Exercise, *, user_id: int, hint_no: int, now: datetime
) -> None:
    """Open the hints of an exercise up to a number, from 1; an open one stays as it is.

    Raises:
        NotFoundError: if it has no such hint.
    """
    require_hint(exercise, hint_no)
    users.lock_user(session, user_id=user_id)  # a double click opens one hint
    if hint_no > find_open(session, user_id=user_id, exercise_key=exercise.key, now=now):
        opened_hints.record_opened_hint(
            session, user_id=user_id, exercise=exercise.key, hint_no=hint_no, now=now
        )


def require_hint(exercise: Exercise, hint_no: int) -> None:
    """Raise NotFoundError unless the exercise has a hint of this number, from 1."""
    if not 1 <= hint_no <= len(exercise.hints):
        raise NotFoundError("This exercise has no such hint.")


def find_open(session: Session, *, user_id: int, exercise_key: str, now: datetime) -> int:
    """Return up to which number the hints of an exercise are open to a learner; 0 for none."""
    opened = opened_hints.list_opened_hints(session, user_id=user_id, exercise=exercise_key)
    if not opened:
        return 0
    graded = review_cards.list_graded(session, user_id=user_id, exercise=exercise_key)
    return count_open(opened, graded, at=now)


def count_open(
    opened: Iterable[OpenedHint], graded: Iterable[GradedSubmission], *, at: datetime
) -> int:
    """Return how many hints were open at a moment.

    Args:
        opened: every opening, by one learner, of hints of one exercise.
        graded: what they handed in for it and counts.
        at: the moment, in UTC.
    """
    today = find_day(at)
    solved = (find_day(one.at) for one in graded if one.is_accepted)
    solved_on = max((day for day in solved if day < today), default=None)
    open_ones = (
        one.hint_no
        for one in opened
        if one.at <= at and (solved_on is None or find_day(one.at) > solved_on)
    )
    return max(open_ones, default=0)
