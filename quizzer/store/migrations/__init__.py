"""The database's history: one step per change of the tables, for SQLite and PostgreSQL alike."""

from __future__ import annotations

from alembic import command
from alembic.config import Config

from quizzer.config import Settings
from quizzer.store.db import Database


def upgrade(target: Settings | str) -> None:
    """Bring the database to the newest tables; make it first where there is none.

    Args:
        target: the settings, or a database address.
    """
    database = Database(target if isinstance(target, str) else target.database_url)
    try:
        database.use_wal()
        with database.engine.begin() as connection:
            command.upgrade(make_alembic_config(connection), "head")
    finally:
        database.close()


def make_alembic_config(connection: object) -> Config:
    """Return Alembic's settings for a connection with an open transaction."""
    config = Config(attributes={"connection": connection})
    config.set_main_option("script_location", "quizzer.store:migrations")
    return config
