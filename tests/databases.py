"""The database that tests run on: a copy of an empty SQLite file, or the one that is named."""

from __future__ import annotations

import functools
import os
import shutil
from pathlib import Path

from sqlalchemy import text
from sqlalchemy.exc import ProgrammingError

from quizzer.store.db import Database
from quizzer.store.migrations import upgrade
from quizzer.store.tables import Base

OTHER_DATABASE = os.environ.get("QUIZZER_TEST_DATABASE_URL", "")
"""Address of the PostgreSQL database to run on instead; whatever it holds is lost."""


def find_empty(migrated_file: Path, path: Path) -> str:
    """Return the address of a database with its tables and no rows.

    Args:
        migrated_file: an empty SQLite database with its tables, to be copied.
        path: where the copy goes.
    """
    if OTHER_DATABASE:
        _empty(OTHER_DATABASE)
        return OTHER_DATABASE
    shutil.copy(migrated_file, path)
    return f"sqlite:///{path}"


def _empty(url: str) -> None:
    _migrate_once(url)
    names = ", ".join(f'"{table.name}"' for table in Base.metadata.sorted_tables)
    try:
        _do(url, "SET lock_timeout = '20s'", f"TRUNCATE {names} RESTART IDENTITY CASCADE")
    except ProgrammingError:  # the test before this one took the tables away
        _migrate_once.cache_clear()
        _migrate_once(url)


@functools.cache
def _migrate_once(url: str) -> None:
    _do(url, "DROP SCHEMA public CASCADE", "CREATE SCHEMA public")
    upgrade(url)


def _do(url: str, *statements: str) -> None:
    database = Database(url)
    try:
        with database.engine.begin() as connection:
            for statement in statements:
                connection.execute(text(statement))
    finally:
        database.close()
