"""Queries about the hints of exercises that learners have opened."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from quizzer.store.help_tables import OpenedHintRow


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenedHint:
    """A hint of an exercise that its learner opened.

    Attributes:
        hint_no: from 1; those before it are open with it.
        at: when, in UTC.
    """

    hint_no: int
    at: datetime


def list_opened_hints(session: Session, *, user_id: int, exercise: str) -> tuple[OpenedHint, ...]:
    """Return every opening of a hint of an exercise by a learner, the oldest first."""
    query = (
        select(OpenedHintRow.hint_no, OpenedHintRow.at)
        .where(OpenedHintRow.user_id == user_id, OpenedHintRow.exercise == exercise)
        .order_by(OpenedHintRow.at, OpenedHintRow.id)
    )
    return tuple(OpenedHint(hint_no=hint_no, at=at) for hint_no, at in session.execute(query))


def record_opened_hint(
    session: Session, *, user_id: int, exercise: str, hint_no: int, now: datetime
) -> None:
    """Note that a learner sees the hints of an exercise up to a number from now on."""
    session.add(OpenedHintRow(user_id=user_id, exercise=exercise, hint_no=hint_no, at=now))
