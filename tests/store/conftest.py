"""A database of its own for every test, copied from one that was migrated once.

With QUIZZER_TEST_DATABASE_URL set, the same tests run on that (PostgreSQL) database instead, which
is emptied before each of them.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from quizzer.services import accounts
from quizzer.store.db import Database
from quizzer.store.migrations import upgrade
from tests.databases import find_empty
from tests.factories import NOON


@pytest.fixture(scope="session")
def migrated_file(tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("migrated") / "quizzer.db"
    upgrade(f"sqlite:///{path}")
    return path


@pytest.fixture
def database(migrated_file, tmp_path):
    database = Database(find_empty(migrated_file, tmp_path / "copy.db"))
    yield database
    database.close()


@pytest.fixture
def sqlite(database):
    if not database.is_sqlite:
        pytest.skip("it is about SQLite alone")
    return database


@pytest.fixture
def postgresql(database):
    """A database where transactions go on side by side, each with rows that it holds."""
    if database.is_sqlite:
        pytest.skip("SQLite lets one transaction write at a time: there is nothing to race for")
    return database


@pytest.fixture
def learner(database):
    with database.transaction() as session:
        return accounts.make_guest(session, name="Ada", now=NOON)


@pytest.fixture
def stranger(database):
    with database.transaction() as session:
        return accounts.make_guest(session, name="Eve", now=NOON)
