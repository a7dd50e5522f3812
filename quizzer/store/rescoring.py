"""Queries about scoring the responses to an item anew."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, bindparam, or_, select, update
from sqlalchemy.orm import Session

from quizzer.domain.attempts import Response
from quizzer.domain.modes import SILENT_MODES
from quizzer.store.attempts import from_chosen
from quizzer.store.item_tables import RescoringRow
from quizzer.store.tables import AttemptRow, PresentationRow, ResponseRow, UserRow


@dataclass(frozen=True, slots=True, kw_only=True)
class Rescoring:
    """One time that the responses to an item were scored anew.

    Attributes:
        actor: who had it done, as the audit names them.
        key_revision: the revision whose key was used.
        changed, same: attempts with another score for the item since, and those without.
    """

    at: datetime
    actor: str
    item_key: str
    key_revision: str
    changed: int
    same: int


def list_answered(session: Session, *, item_key: str) -> tuple[tuple[int, str], ...]:
    """Return the attempts in which an item was answered, each with the name of its learner."""
    query = (
        select(AttemptRow.id, UserRow.name)
        .join(UserRow, UserRow.id == AttemptRow.user_id)
        .join(PresentationRow, PresentationRow.attempt_id == AttemptRow.id)
        .where(PresentationRow.item_key == item_key, _has_response())
        .distinct()
        .order_by(AttemptRow.id)
    )
    return tuple((row[0], row[1]) for row in session.execute(query))


def list_examined(session: Session, *, item_key: str, now: datetime) -> frozenset[int]:
    """Return the users whose running test asks an item."""
    query = (
        select(AttemptRow.user_id)
        .join(PresentationRow, PresentationRow.attempt_id == AttemptRow.id)
        .where(
            PresentationRow.item_key == item_key,
            AttemptRow.mode.in_(SILENT_MODES),
            AttemptRow.closed_at.is_(None),
            or_(AttemptRow.ends_at.is_(None), AttemptRow.ends_at > now),
        )
    )
    return frozenset(session.scalars(query))


def lock_learners(session: Session, *, item_key: str) -> None:
    """Hold the rows of all who answered an item: what they send waits until this is done."""
    owners = (
        select(AttemptRow.user_id)
        .join(PresentationRow, PresentationRow.attempt_id == AttemptRow.id)
        .where(PresentationRow.item_key == item_key)
    )
    # In the order of their ids, so that two such transactions never wait crosswise.
    query = select(UserRow.id).where(UserRow.id.in_(owners)).order_by(UserRow.id).with_for_update()
    session.execute(query).all()


def set_responses(session: Session, *, attempt_id: int, responses: tuple[Response, ...]) -> None:
    """Store what tries are worth now, and under which keys of options they are stored."""
    for response in responses:
        session.execute(
            update(ResponseRow)
            .where(
                ResponseRow.attempt_id == attempt_id,
                ResponseRow.position == response.position,
                ResponseRow.try_no == response.try_no,
            )
            .values(
                chosen=from_chosen(response.chosen), score=response.score, earned=response.earned
            )
        )


def set_attempt_scores(session: Session, scores: Mapping[int, float]) -> None:
    """Store the scores of closed attempts, by attempt."""
    statement = (
        update(AttemptRow)
        .where(AttemptRow.id == bindparam("attempt_id"), AttemptRow.closed_at.is_not(None))
        .values(score=bindparam("kept"))
    )
    rows = [{"attempt_id": attempt_id, "kept": score} for attempt_id, score in scores.items()]
    if rows:
        session.connection().execute(statement, rows)


def record_rescoring(session: Session, rescoring: Rescoring) -> None:
    """Insert what was done."""
    session.add(
        RescoringRow(
            at=rescoring.at,
            actor=rescoring.actor,
            item_key=rescoring.item_key,
            key_revision=rescoring.key_revision,
            changed=rescoring.changed,
            same=rescoring.same,
        )
    )
    session.flush()


def list_rescorings(session: Session, *, item_key: str) -> tuple[Rescoring, ...]:
    """Return what was done for an item, the newest first."""
    query = (
        select(RescoringRow)
        .where(RescoringRow.item_key == item_key)
        .order_by(RescoringRow.id.desc())
    )
    return tuple(
        Rescoring(
            at=row.at,
            actor=row.actor,
            item_key=row.item_key,
            key_revision=row.key_revision,
            changed=row.changed,
            same=row.same,
        )
        for row in session.scalars(query)
    )


def _has_response() -> ColumnElement[bool]:
    return (
        select(ResponseRow.id)
        .where(
            ResponseRow.attempt_id == PresentationRow.attempt_id,
            ResponseRow.position == PresentationRow.position,
        )
        .exists()
    )
