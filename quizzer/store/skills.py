"""Queries about what a learner has done and what is believed of their skills."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Float, and_, case, func, select
from sqlalchemy.orm import Session

from quizzer.domain.mastery import Belief
from quizzer.domain.selection import ItemHistory
from quizzer.domain.submissions import NO_TRY, RunState
from quizzer.store.submissions import does_count
from quizzer.store.tables import (
    AttemptRow,
    GradeRunRow,
    PresentationRow,
    ResponseRow,
    SkillEstimateRow,
    SubmissionRow,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemSeen:
    """The best that a learner made of one item in one mode of one lesson."""

    lesson: str
    mode: str
    item_key: str
    best_score: float


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
    query = (
        select(SkillEstimateRow)
        .where(SkillEstimateRow.user_id == user_id)
        .order_by(SkillEstimateRow.skill)
    )
    return tuple(
        Belief(
            skill=row.skill,
            rating=row.rating,
            variance=row.variance,
            n=row.n,
            moved_at=row.moved_at,
        )
        for row in session.scalars(query)
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
) -> tuple[ItemSeen, ...]:
    """Return the best score of every item that the user answered, per lesson and mode.

    `silent_modes` tell at the end: what was answered in an open attempt of theirs is seen, but its
    score counts as 0 until it is closed.
    """
    told = case((_may_tell(silent_modes), ResponseRow.score), else_=0.0).cast(Float)
    names = (AttemptRow.lesson, AttemptRow.mode, PresentationRow.item_key)
    query = (
        select(*names, func.max(told))
        .join(PresentationRow, PresentationRow.attempt_id == AttemptRow.id)
        .join(ResponseRow, _is_of_presentation())
        .where(AttemptRow.user_id == user_id)
        .group_by(*names)
        .order_by(*names)
    )
    return tuple(
        ItemSeen(lesson=lesson, mode=mode, item_key=key, best_score=best)
        for lesson, mode, key, best in session.execute(query)
    )


def list_best_scores(
    session: Session, *, user_id: int, modes: Collection[str]
) -> dict[tuple[str, str], float]:
    """Return the best score of the user's closed attempts in these modes, by mode and lesson."""
    query = (
        select(AttemptRow.mode, AttemptRow.lesson, func.max(AttemptRow.score))
        .where(
            AttemptRow.user_id == user_id,
            AttemptRow.mode.in_(modes),
            AttemptRow.score.is_not(None),
        )
        .group_by(AttemptRow.mode, AttemptRow.lesson)
    )
    rows = session.execute(query)
    return {(mode, lesson): score for mode, lesson, score in rows if score is not None}


def list_exercises_tried(session: Session, *, user_id: int) -> tuple[ExerciseTried, ...]:
    """Return the exercises that the user tried, with how often and their best score."""
    is_try = and_(
        GradeRunRow.submission_id == SubmissionRow.id,
        GradeRunRow.run_no == SubmissionRow.current_run,
        GradeRunRow.state == RunState.GRADED,
        GradeRunRow.verdict.not_in(NO_TRY),
    )
    counted = case((does_count(), GradeRunRow.score), else_=0.0)
    query = (
        select(SubmissionRow.exercise, func.count(), func.max(counted))
        .join(GradeRunRow, is_try)
        .where(SubmissionRow.user_id == user_id)
        .group_by(SubmissionRow.exercise)
        .order_by(SubmissionRow.exercise)
    )
    return tuple(
        ExerciseTried(exercise=exercise, tries=count, best_score=best or 0.0)
        for exercise, count, best in session.execute(query)
    )


def _may_tell(silent_modes: Collection[str]) -> ColumnElement[bool]:
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
