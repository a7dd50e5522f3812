"""What the tables are made with: a column type of our own, names, lengths."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import DateTime
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator

# Constraints have names of their own on both databases, so that a migration can drop them.
NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}

# The id of a deleted row must never name another one: rings carry a run's id, cookies a user's.
NEVER_REUSE_IDS = {"sqlite_autoincrement": True}

ITEM_KEY_CHARACTERS = 130  # bank id / item id, 64 each


class UtcDateTime(TypeDecorator[datetime]):
    """A moment in UTC: aware on both sides, whatever the database does with time zones.

    SQLite keeps no zone, PostgreSQL converts to the session's: both come back as UTC.

    Raises:
        ValueError: (inside SQLAlchemy's StatementError) for a value without a time zone, which
            would mean another moment on another machine.
    """

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Turn an aware moment into UTC."""
        del dialect
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"{value!r} has no time zone")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Mark what the database holds as UTC."""
        del dialect
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)

    def result_processor(
        self, dialect: Dialect, coltype: object
    ) -> Callable[[Any], datetime | None] | None:
        """Read SQLite's text in one step: pages read hundreds of moments."""
        if dialect.name == "sqlite":
            return _read_text
        return super().result_processor(dialect, coltype)


def _read_text(moment: str | None) -> datetime | None:
    return None if moment is None else datetime.fromisoformat(f"{moment}+00:00")
