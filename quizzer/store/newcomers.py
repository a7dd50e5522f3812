"""Queries about how many guests were made lately from an address."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from quizzer.store.tables import NewcomerRow

_UNSEEN = {"synchronize_session": False}


def record_newcomer(session: Session, *, address: str, now: datetime, before: datetime) -> None:
    """Insert one, and forget everybody's from before a moment but those that others clear now."""
    old = select(NewcomerRow.id).where(NewcomerRow.at < before).with_for_update(skip_locked=True)
    session.execute(delete(NewcomerRow).where(NewcomerRow.id.in_(old)), execution_options=_UNSEEN)
    session.add(NewcomerRow(address=address, at=now))
    session.flush()


def find_newcomer(session: Session, *, address: str, since: datetime, nth: int) -> datetime | None:
    """Return when the nth-latest guest of an address was made; None if fewer were."""
    query = (
        select(NewcomerRow.at)
        .where(NewcomerRow.address == address, NewcomerRow.at > since)
        .order_by(NewcomerRow.at.desc())
        .offset(nth - 1)
        .limit(1)
    )
    return session.scalars(query).first()
