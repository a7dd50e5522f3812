"""Queries about sessions that were logged out."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from quizzer.store.tables import EndedSessionRow


def record_ended_session(
    session: Session, *, user_id: int, key: str, now: datetime, until: datetime
) -> None:
    """Write down that a user's session is over; one that is already is left as it is.

    Args:
        session: of the open transaction, which holds the user's row.
        user_id: whose it was.
        key: tells it from the user's other ones.
        now: the moment; what is kept from before for no longer than this is cleared.
        until: from then on no copy of its cookie would be taken anyway.
    """
    own = EndedSessionRow.user_id == user_id
    session.execute(delete(EndedSessionRow).where(own, EndedSessionRow.until <= now))
    if session.scalar(select(EndedSessionRow.id).where(own, EndedSessionRow.key == key)) is None:
        session.add(EndedSessionRow(user_id=user_id, key=key, until=until))
        session.flush()
