"""INSERT ... ON CONFLICT, which SQLAlchemy spells once for each database."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from quizzer.store.tables import Base

Insert = sqlite.Insert | postgresql.Insert
_INSERTS: Mapping[str, Callable[[type[Base]], Insert]] = {
    "sqlite": sqlite.insert,
    "postgresql": postgresql.insert,
}


def insert_into(session: Session, table: type[Base]) -> Insert:
    """Return an INSERT into a table that can say what to do with a row that is there already."""
    return _INSERTS[session.get_bind().dialect.name](table)
