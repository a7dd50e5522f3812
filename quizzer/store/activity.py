"""Queries about when a learner did something, and about how much they mean to do."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    CompoundSelect,
    Integer,
    Select,
    bindparam,
    cast,
    extract,
    func,
    select,
    union_all,
)
from sqlalchemy.orm import InstrumentedAttribute, Session

from quizzer.store.db import read
from quizzer.store.tables import AttemptRow, ResponseRow, SubmissionRow, WeeklyGoalRow

_QUARTER_S = 900  # every time zone is off UTC by a whole number of them


def count_sent(session: Session, *, user_id: int, since: datetime) -> dict[datetime, int]:
    """Return how much the user sent, by the quarter of an hour (its first moment, in UTC).

    What is sent are answers to questions and programs. Quarters without any are left out.
    """
    counted: Counter[int] = Counter()
    for quarter, count in read(session, _SENT, {"user_id": user_id, "since": since}).all():
        counted[quarter] += count
    return {
        datetime.fromtimestamp(quarter * _QUARTER_S, UTC): count
        for quarter, count in counted.items()
    }


def find_goal(session: Session, *, user_id: int) -> int | None:
    """Return on how many days of a week the user means to answer, or None if they never said."""
    row = read(session, _GOAL, {"user_id": user_id}).first()
    return row.days if row else None


def set_goal(session: Session, *, user_id: int, days: int) -> None:
    """Store on how many days of a week, 1 to 7, the user means to answer; hold their row."""
    query = select(WeeklyGoalRow).where(WeeklyGoalRow.user_id == user_id)
    row = session.scalars(query).first()
    if row is None:
        row = WeeklyGoalRow(user_id=user_id)
        session.add(row)
    row.days = days
    session.flush()


def _count_quarters(moment: InstrumentedAttribute[datetime]) -> Select[int, int]:
    quarter = cast(func.floor(extract("epoch", moment) / _QUARTER_S), Integer)
    return select(quarter, func.count()).group_by(quarter)


def _ask_sent() -> CompoundSelect[*tuple[Any, ...]]:
    answers = (
        _count_quarters(ResponseRow.at)
        .join(AttemptRow, AttemptRow.id == ResponseRow.attempt_id)
        .where(
            AttemptRow.user_id == bindparam("user_id"),
            # Older ones hold nothing that counts: they are not even looked into.
            AttemptRow.closed_at.is_(None) | (AttemptRow.closed_at >= bindparam("since")),
            ResponseRow.at >= bindparam("since"),
        )
    )
    programs = _count_quarters(SubmissionRow.at).where(
        SubmissionRow.user_id == bindparam("user_id"), SubmissionRow.at >= bindparam("since")
    )
    return union_all(answers, programs)


# Pages ask it each time, and putting a statement together takes longer than asking it.
_SENT = _ask_sent()
_GOAL = select(WeeklyGoalRow.days).where(WeeklyGoalRow.user_id == bindparam("user_id"))
