"""A database of its own for every test, copied from one that was migrated once.

With QUIZZER_TEST_DATABASE_URL set, the same tests run on that (PostgreSQL) database instead, which
is emptied before each of them.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest
from sqlalchemy import text

from quizzer.services import accounts
from quizzer.store.db import Database
from quizzer.store.migrations import upgrade
from tests.factories import NOON


@pytest.fixture(scope="session")
def migrated_file(tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("migrated") / "quizzer.db"
    upgrade(f"sqlite:///{path}")
    return path


OTHER_DATABASE = os.environ.get("QUIZZER_TEST_DATABASE_URL", "")


@pytest.fixture
def database(migrated_file, tmp_path):
    if OTHER_DATABASE:
        database = make_empty(OTHER_DATABASE)
    else:
        path = tmp_path / "copy.db"
        shutil.copy(migrated_file, path)
        database = Database(f"sqlite:///{path}")
    yield database
    database.close()


@pytest.fixture
def sqlite(database):
    if not database.is_sqlite:
        pytest.skip("it is about SQLite alone")
    return database


def make_empty(url: str) -> Database:
    database = Database(url)
    with database.engine.begin() as connection:
        connection.execute(text("DROP SCHEMA public CASCADE"))
        connection.execute(text("CREATE SCHEMA public"))
    upgrade(url)
    return database


@pytest.fixture
def learner(database):
    with database.transaction() as session:
        return accounts.make_guest(session, name="Ada", now=NOON)


@pytest.fixture
def stranger(database):
    with database.transaction() as session:
        return accounts.make_guest(session, name="Eve", now=NOON)
