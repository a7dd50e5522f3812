"""Queries about what a learner has done and what is believed of their skills."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Float,
    Select,
    and_,
    bindparam,
    case,
    func,
    select,
)
from sqlalchemy.orm import Session

from quizzer.domain.mastery import Belief
from quizzer.domain.selection import ItemHistory
from quizzer.store.db import read
from quizzer.store.submissions import does_count, is_graded_try
from quizzer.store.tables import (
    AttemptRow,
    GradeRunRow,
    PresentationRow,
    ResponseRow,
    SkillEstimateRow,
    SubmissionRow,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ExerciseTried:
    """What became of a learner's tries at one exercise: graded, and through no fault of ours.

    Attributes:
        best_score: in [0, 1].
    """

    exercise: str
    tries: int
    best_score: float


def list_beliefs(session: Session, *, user_id: int) -> tuple[Belief, ...]:
    """Return what is believed of the user's skills, by name of the skill."""
    return tuple(
        Belief(
            skill=row.skill,
            rating=row.rating,
            variance=row.variance,
            n=row.n,
            moved_at=row.moved_at,
        )
        for row in read(session, _BELIEFS, {"user_id": user_id})
    )


def set_beliefs(session: Session, *, user_id: int, beliefs: Iterable[Belief]) -> None:
    """Store beliefs over the older ones about the same skills."""
    # In order of the skill, so that two transactions never wait for each other crosswise.
    for belief in sorted(beliefs, key=lambda belief: belief.skill):
        row = _find_row(session, user_id, belief.skill)
        if row is None:
            row = SkillEstimateRow(user_id=user_id, skill=belief.skill)
            session.add(row)
        row.rating, row.variance, row.n = belief.rating, belief.variance, belief.n
        row.moved_at = _require_moment(belief)
    session.flush()


def list_history(
    session: Session,
    *,
    user_id: int,
    item_keys: Collection[str],
    modes: Collection[str],
    silent_modes: Collection[str],
) -> tuple[ItemHistory, ...]:
    """Return the first tries that the user made at the items in those modes, oldest first.

    `silent_modes` tell at the end: what was answered in an open attempt of theirs stays out.
    """
    query = (
        select(PresentationRow.item_key, ResponseRow.earned, ResponseRow.at)
        .join(AttemptRow, AttemptRow.id == PresentationRow.attempt_id)
        .join(ResponseRow, _is_of_presentation())
        .where(
            AttemptRow.user_id == user_id,
            AttemptRow.mode.in_(modes),
            _may_tell(silent_modes),
            PresentationRow.item_key.in_(item_keys),
            ResponseRow.try_no == 1,
        )
        .order_by(ResponseRow.at)
    )
    return tuple(
        ItemHistory(item_key=key, earned=earned, at=at)
        for key, earned, at in session.execute(query)
    )


def list_items_seen(
    session: Session, *, user_id: int, silent_modes: Collection[str]
) -> dict[tuple[str, str], dict[str, float]]:
    """Return the best score of every item that the user answered, by lesson and mode, then item.

    `silent_modes` tell at the end: what was answered in an open attempt of theirs is seen, but its
    score counts as 0 until it is closed.
    """
    seen: dict[tuple[str, str], dict[str, float]] = {}
    found = read(session, _ITEMS_SEEN, {"user_id": user_id, "silent_modes": silent_modes})
    for lesson, mode, key, best in found.all():
        seen.setdefault((lesson, mode), {})[key] = best
    return seen


def list_best_scores(
    session: Session, *, user_id: int, modes: Collection[str]
) -> dict[tuple[str, str], float]:
    """Return the best score of the user's closed attempts in these modes, by mode and lesson."""
    rows = read(session, _BEST_SCORES, {"user_id": user_id, "modes": modes})
    return {(mode, lesson): score for mode, lesson, score in rows if score is not None}


def list_exercises_tried(session: Session, *, user_id: int) -> tuple[ExerciseTried, ...]:
    """Return the exercises that the user tried, with how often and their best score."""
    found = read(session, _EXERCISES_TRIED, {"user_id": user_id})
    return tuple(
        ExerciseTried(exercise=exercise, tries=count, best_score=best or 0.0)
        for exercise, count, best in found
    )


def _may_tell(silent_modes: Collection[str] | BindParameter[Any]) -> ColumnElement[bool]:
    return AttemptRow.mode.not_in(silent_modes) | AttemptRow.closed_at.is_not(None)


def _is_of_presentation() -> ColumnElement[bool]:
    return and_(
        ResponseRow.attempt_id == PresentationRow.attempt_id,
        ResponseRow.position == PresentationRow.position,
    )


def _require_moment(belief: Belief) -> datetime:
    """Return when a belief was moved; one that no try has moved is not stored."""
    if belief.moved_at is None:
        raise ValueError(f"the belief about {belief.skill!r} says not when it was moved")
    return belief.moved_at


def _find_row(session: Session, user_id: int, skill: str) -> SkillEstimateRow | None:
    query = select(SkillEstimateRow).where(
        SkillEstimateRow.user_id == user_id, SkillEstimateRow.skill == skill
    )
    return session.scalars(query).first()


def _ask_items_seen() -> Select[*tuple[Any, ...]]:
    may_tell = _may_tell(bindparam("silent_modes", expanding=True))
    told = case((may_tell, ResponseRow.score), else_=0.0).cast(Float)
    names = (AttemptRow.lesson, AttemptRow.mode, PresentationRow.item_key)
    return (
        select(*names, func.max(told))
        .join(PresentationRow, PresentationRow.attempt_id == AttemptRow.id)
        .join(ResponseRow, _is_of_presentation())
        .where(AttemptRow.user_id == bindparam("user_id"))
        .group_by(*reversed(names))  # what differs most first: half the comparisons
    )


def _ask_exercises_tried() -> Select[*tuple[Any, ...]]:
    counted = case((does_count(), GradeRunRow.score), else_=0.0)
    return (
        select(SubmissionRow.exercise, func.count(), func.max(counted))
        .join(GradeRunRow, is_graded_try())
        .where(SubmissionRow.user_id == bindparam("user_id"))
        .group_by(SubmissionRow.exercise)
        .order_by(SubmissionRow.exercise)
    )


# Pages ask these each time, and putting a statement together takes longer than asking it.
_ITEMS_SEEN = _ask_items_seen()
_EXERCISES_TRIED = _ask_exercises_tried()
_BEST_SCORES = (
    select(AttemptRow.mode, AttemptRow.lesson, func.max(AttemptRow.score))
    .where(
        AttemptRow.user_id == bindparam("user_id"),
        AttemptRow.mode.in_(bindparam("modes", expanding=True)),
        AttemptRow.score.is_not(None),
    )
    .group_by(AttemptRow.mode, AttemptRow.lesson)
)
_BELIEFS = (
    select(
        SkillEstimateRow.skill,
        SkillEstimateRow.rating,
        SkillEstimateRow.variance,
        SkillEstimateRow.n,
        SkillEstimateRow.moved_at,
    )
    .where(SkillEstimateRow.user_id == bindparam("user_id"))
    .order_by(SkillEstimateRow.skill)
)
