"""Queries about review cards, and about what they are made of."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

from sqlalchemy import Row, bindparam, case, delete, func, select
from sqlalchemy.orm import Session

from quizzer.domain.reviews import CardKind, QueuedCard, ReviewCard
from quizzer.domain.spacing import Memory
from quizzer.store.db import read
from quizzer.store.inserting import insert_into
from quizzer.store.submissions import does_count, is_graded_try
from quizzer.store.tables import (
    AttemptRow,
    GradeRunRow,
    ResponseRow,
    ReviewCardRow,
    SubmissionRow,
)

_NAMES = ("user_id", "kind", "key")
_MEMORY = tuple(field.name for field in fields(Memory))
_COLUMNS = (
    ReviewCardRow.kind,
    ReviewCardRow.key,
    ReviewCardRow.met_at,
    *(getattr(ReviewCardRow, name) for name in _MEMORY),  # plain rows: half the time of entities
)
# Pages ask these each time, and putting a statement together takes longer than asking it.
_QUEUED = (
    select(
        ReviewCardRow.kind,
        ReviewCardRow.key,
        ReviewCardRow.due,
        ReviewCardRow.reviewed_at,
        ReviewCardRow.is_confident_error,
        ReviewCardRow.met_at >= bindparam("today_begins_at"),
    )
    .where(ReviewCardRow.user_id == bindparam("user_id"))
    .order_by(ReviewCardRow.due, ReviewCardRow.id)
)
_FORECASTS = (
    select(
        ResponseRow.confidence,
        func.count(),
        func.sum(case((ResponseRow.score >= 1.0, 1), else_=0)),
    )
    .join(AttemptRow, AttemptRow.id == ResponseRow.attempt_id)
    .where(
        AttemptRow.user_id == bindparam("user_id"),
        ResponseRow.try_no == 1,
        ResponseRow.confidence.is_not(None),
    )
    .group_by(ResponseRow.confidence)
)
_BEGUN_LESSONS = (
    select(AttemptRow.lesson).where(AttemptRow.user_id == bindparam("user_id")).distinct()
)


@dataclass(frozen=True, slots=True, kw_only=True)
class GradedSubmission:
    """A submission whose run that counts was graded, through no fault of ours.

    Attributes:
        at: when it was handed in.
        score: in [0, 1].
    """

    submission_id: int
    at: datetime
    score: float

    @property
    def is_accepted(self) -> bool:
        """Whether it passed every check."""
        return self.score >= 1.0


def find_card(session: Session, *, user_id: int, kind: CardKind, key: str) -> ReviewCard | None:
    """Return the user's card for an item or exercise, or None."""
    query = select(*_COLUMNS).where(
        ReviewCardRow.user_id == user_id, ReviewCardRow.kind == kind, ReviewCardRow.key == key
    )
    row = session.execute(query).first()
    return _to_card(row) if row else None


def list_cards(session: Session, *, user_id: int) -> tuple[ReviewCard, ...]:
    """Return the user's cards, the first due at the front."""
    query = select(*_COLUMNS).where(ReviewCardRow.user_id == user_id)
    found = session.execute(query.order_by(ReviewCardRow.due, ReviewCardRow.id))
    return tuple(_to_card(row) for row in found)


def list_queued(
    session: Session, *, user_id: int, today_begins_at: datetime
) -> tuple[QueuedCard, ...]:
    """Return what the queue needs of the user's cards, the first due at the front."""
    named = {"user_id": user_id, "today_begins_at": today_begins_at}
    return tuple(QueuedCard._make(row) for row in read(session, _QUEUED, named).all())


def list_due_times(
    session: Session, *, user_id: int, item_keys: Collection[str]
) -> dict[str, datetime]:
    """Return when those of the items that have a card are due, by key."""
    query = select(ReviewCardRow.key, ReviewCardRow.due).where(
        ReviewCardRow.user_id == user_id,
        ReviewCardRow.kind == CardKind.ITEM,
        ReviewCardRow.key.in_(item_keys),
    )
    return {row[0]: row[1] for row in session.execute(query)}


def set_card(session: Session, *, user_id: int, card: ReviewCard) -> None:
    """Store a card, over the older one of the same thing; when it was met stays."""
    values = _from_card(card)
    changed = {name: value for name, value in values.items() if name not in (*_NAMES, "met_at")}
    session.execute(
        insert_into(session, ReviewCardRow)
        .values(user_id=user_id, **values)
        .on_conflict_do_update(index_elements=_NAMES, set_=changed),
        execution_options={"synchronize_session": False},
    )


def drop_card(session: Session, *, user_id: int, kind: CardKind, key: str) -> None:
    """Forget the card of a thing of which nothing is remembered any more."""
    session.execute(
        delete(ReviewCardRow).where(
            ReviewCardRow.user_id == user_id, ReviewCardRow.kind == kind, ReviewCardRow.key == key
        ),
        execution_options={"synchronize_session": False},
    )


def list_begun_lessons(session: Session, *, user_id: int) -> frozenset[str]:
    """Return the lessons in which the user has begun anything."""
    return frozenset(read(session, _BEGUN_LESSONS, {"user_id": user_id}).scalars())


def find_exercise_of_run(session: Session, *, run_id: int) -> tuple[int, str] | None:
    """Return whose submission a run is of, and for which exercise; or None."""
    query = (
        select(SubmissionRow.user_id, SubmissionRow.exercise)
        .join(GradeRunRow, GradeRunRow.submission_id == SubmissionRow.id)
        .where(GradeRunRow.id == run_id)
    )
    row = session.execute(query).first()
    return None if row is None else (row[0], row[1])


def list_graded(session: Session, *, user_id: int, exercise: str) -> tuple[GradedSubmission, ...]:
    """Return the user's graded submissions of an exercise that count, the oldest first."""
    query = (
        select(SubmissionRow.id, SubmissionRow.at, GradeRunRow.score)
        .join(GradeRunRow, is_graded_try())
        .where(SubmissionRow.user_id == user_id, SubmissionRow.exercise == exercise, does_count())
        .order_by(SubmissionRow.at, SubmissionRow.id)
    )
    return tuple(
        GradedSubmission(submission_id=submission_id, at=at, score=score or 0.0)
        for submission_id, at, score in session.execute(query)
    )


def count_forecasts(session: Session, *, user_id: int) -> dict[int, tuple[int, int]]:
    """Return how many first tries came with a confidence, and how many were right, by percent."""
    rows = read(session, _FORECASTS, {"user_id": user_id})
    return {row[0]: (row[1], int(row[2])) for row in rows}


def _to_card(row: Row[*tuple[Any, ...]]) -> ReviewCard:
    values: tuple[Any, ...] = tuple(row)
    kind, key, met_at, *memory = values
    return ReviewCard(
        kind=CardKind(kind),
        key=key,
        met_at=met_at,
        memory=Memory(**dict(zip(_MEMORY, memory, strict=True))),
    )


def _from_card(card: ReviewCard) -> dict[str, Any]:
    return {
        "kind": card.kind.value,
        "key": card.key,
        "met_at": card.met_at,
        **{name: getattr(card.memory, name) for name in _MEMORY},
    }
