"""Queries about who changed what about an account."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from quizzer.domain.people import Action, AuditEntry
from quizzer.store.tables import AuditRow


def record_action(
    session: Session, *, action: Action, subject_id: int, actor: str, now: datetime
) -> None:
    """Insert one entry."""
    session.add(AuditRow(at=now, action=action.value, subject_id=subject_id, actor=actor))
    session.flush()


def list_entries(session: Session, *, limit: int) -> tuple[AuditEntry, ...]:
    """Return the newest entries, the newest first."""
    query = select(AuditRow).order_by(AuditRow.id.desc()).limit(limit)
    return tuple(_to_entry(row) for row in session.scalars(query))


def list_entries_of(session: Session, *, subject_id: int) -> tuple[AuditEntry, ...]:
    """Return what was done to one user, the oldest first."""
    query = select(AuditRow).where(AuditRow.subject_id == subject_id).order_by(AuditRow.id)
    return tuple(_to_entry(row) for row in session.scalars(query))


def _to_entry(row: AuditRow) -> AuditEntry:
    return AuditEntry(
        at=row.at, action=Action(row.action), subject_id=row.subject_id, actor=row.actor
    )
