"""Queries about how the learners' first tries at items went."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from sqlalchemy import and_, func, select
from sqlalchemy.orm import Session

from quizzer.domain.people import LEARNER
from quizzer.store.tables import (
    AttemptRow,
    PresentationRow,
    ResponseRow,
    UserRow,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredTry:
    """A first try at an item.

    Attributes:
        revision: the one by whose key it is scored: the one that was shown, or a later one that
            asks the same by a mended key.
        score: of the answer alone, in [0, 1]; `earned` has the hints deducted.
        chosen: the response as it is stored.
        total: sum of the scores of all first tries of the attempt.
        count: how many those are.
    """

    user_id: int
    item_key: str
    revision: str
    score: float
    earned: float
    chosen: dict[str, Any]
    elapsed_ms: int
    total: float
    count: int


def list_first_tries(
    session: Session, *, bank: str, modes: Collection[str], silent_modes: Collection[str]
) -> tuple[StoredTry, ...]:
    """Return the first tries that learners made at the items of a bank, the oldest first.

    Instructors know the keys, so theirs are left out; so is what an open attempt of a silent mode
    has not told its learner yet.
    """
    of_attempt = (
        select(
            ResponseRow.attempt_id,
            func.sum(ResponseRow.score).label("total"),
            func.count().label("count"),
        )
        .where(ResponseRow.try_no == 1)
        .group_by(ResponseRow.attempt_id)
        .subquery()
    )
    query = (
        select(
            AttemptRow.user_id,
            PresentationRow.item_key,
            func.coalesce(PresentationRow.key_revision, PresentationRow.item_revision).label(
                "revision"
            ),
            ResponseRow.score,
            ResponseRow.earned,
            ResponseRow.chosen,
            ResponseRow.elapsed_ms,
            of_attempt.c.total,
            of_attempt.c.count,
        )
        .join(AttemptRow, AttemptRow.id == PresentationRow.attempt_id)
        .join(UserRow, UserRow.id == AttemptRow.user_id)
        .join(ResponseRow, _is_first_try())
        .join(of_attempt, of_attempt.c.attempt_id == AttemptRow.id)
        .where(
            PresentationRow.item_key.startswith(f"{bank}/", autoescape=True),
            UserRow.role == LEARNER,
            AttemptRow.mode.in_(modes),
            AttemptRow.mode.not_in(silent_modes) | AttemptRow.closed_at.is_not(None),
        )
        .order_by(ResponseRow.at, ResponseRow.id)
    )
    return tuple(StoredTry(**row._mapping) for row in session.execute(query))  # noqa: SLF001 - SQLAlchemy's public name for it


def _is_first_try() -> Any:  # noqa: ANN401 - a rule of SQL
    return and_(
        ResponseRow.attempt_id == PresentationRow.attempt_id,
        ResponseRow.position == PresentationRow.position,
        ResponseRow.try_no == 1,
    )
