"""Queries about review cards, and about what they are made of."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from quizzer.domain.reviews import CardKind, ReviewCard
from quizzer.domain.spacing import Memory
from quizzer.domain.submissions import NO_TRY, RunState
from quizzer.store.tables import (
    AttemptRow,
    GradeRunRow,
    ResponseRow,
    ReviewCardRow,
    SubmissionRow,
)

_INSERTS: Mapping[str, Callable[..., sqlite.Insert | postgresql.Insert]] = {
    "sqlite": sqlite.insert,
    "postgresql": postgresql.insert,
}
_NAMES = ("user_id", "kind", "key")


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


def find_card(session: Session, *, user_id: int, kind: CardKind, key: str) -> ReviewCard | None:
    """Return the user's card for an item or exercise, or None."""
    query = select(ReviewCardRow).where(
        ReviewCardRow.user_id == user_id, ReviewCardRow.kind == kind, ReviewCardRow.key == key
    )
    row = session.scalars(query).first()
    return _to_card(row) if row else None


def list_cards(
    session: Session, *, user_id: int, due_before: datetime | None = None
) -> tuple[ReviewCard, ...]:
    """Return the user's cards, the first due at the front: all, or those due before a moment."""
    query = select(ReviewCardRow).where(ReviewCardRow.user_id == user_id)
    if due_before is not None:
        query = query.where(ReviewCardRow.due < due_before)
    ordered = query.order_by(ReviewCardRow.due, ReviewCardRow.id)
    return tuple(_to_card(row) for row in session.scalars(ordered))


def list_items_met(session: Session, *, user_id: int, keys: Collection[str]) -> dict[str, datetime]:
    """Return when the user met those of the items that have a card, by key."""
    query = select(ReviewCardRow.key, ReviewCardRow.met_at).where(
        ReviewCardRow.user_id == user_id,
        ReviewCardRow.kind == CardKind.ITEM,
        ReviewCardRow.key.in_(keys),
    )
    rows = session.execute(query)
    return {row[0]: row[1] for row in rows}


def set_card(session: Session, *, user_id: int, card: ReviewCard) -> None:
    """Store a card, over the older one of the same thing; when it was met stays."""
    values = _from_card(card)
    insert = _INSERTS[session.get_bind().dialect.name](ReviewCardRow)
    changed = {name: value for name, value in values.items() if name not in (*_NAMES, "met_at")}
    session.execute(
        insert.values(user_id=user_id, **values).on_conflict_do_update(
            index_elements=_NAMES, set_=changed
        ),
        execution_options={"synchronize_session": False},
    )


def list_begun_lessons(session: Session, *, user_id: int) -> frozenset[str]:
    """Return the lessons in which the user has begun anything."""
    query = select(AttemptRow.lesson).where(AttemptRow.user_id == user_id).distinct()
    return frozenset(session.scalars(query))


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
    """Return the user's graded submissions of an exercise, the oldest first."""
    query = (
        select(SubmissionRow.id, SubmissionRow.at, GradeRunRow.score)
        .join(GradeRunRow, GradeRunRow.submission_id == SubmissionRow.id)
        .where(
            SubmissionRow.user_id == user_id,
            SubmissionRow.exercise == exercise,
            GradeRunRow.run_no == SubmissionRow.current_run,
            GradeRunRow.state == RunState.GRADED,
            GradeRunRow.verdict.not_in(NO_TRY),
        )
        .order_by(SubmissionRow.at, SubmissionRow.id)
    )
    return tuple(
        GradedSubmission(submission_id=submission_id, at=at, score=score or 0.0)
        for submission_id, at, score in session.execute(query)
    )


def count_forecasts(session: Session, *, user_id: int) -> dict[tuple[int, bool], int]:
    """Return how many first tries came with a confidence, by it (percent) and by being right."""
    is_right = ResponseRow.score >= 1.0
    query = (
        select(ResponseRow.confidence, is_right, func.count())
        .join(AttemptRow, AttemptRow.id == ResponseRow.attempt_id)
        .where(
            AttemptRow.user_id == user_id,
            ResponseRow.try_no == 1,
            ResponseRow.confidence.is_not(None),
        )
        .group_by(ResponseRow.confidence, is_right)
    )
    return {
        (confidence, bool(right)): count
        for confidence, right, count in session.execute(query)
        if confidence is not None
    }


def _to_card(row: ReviewCardRow) -> ReviewCard:
    return ReviewCard(
        kind=CardKind(row.kind),
        key=row.key,
        met_at=row.met_at,
        memory=Memory(
            due=row.due,
            reviewed_at=row.reviewed_at,
            stability=row.stability,
            difficulty=row.difficulty,
            state=row.state,
            step=row.step,
            lapses=row.lapses,
            is_confident_error=row.is_confident_error,
        ),
    )


def _from_card(card: ReviewCard) -> dict[str, Any]:
    memory = card.memory
    return {
        "kind": card.kind.value,
        "key": card.key,
        "met_at": card.met_at,
        "due": memory.due,
        "reviewed_at": memory.reviewed_at,
        "stability": memory.stability,
        "difficulty": memory.difficulty,
        "state": memory.state,
        "step": memory.step,
        "lapses": memory.lapses,
        "is_confident_error": memory.is_confident_error,
    }
