"""A database of its own for every test, copied from one that was migrated once."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from quizzer.services import accounts
from quizzer.store.db import Database
from quizzer.store.migrations import upgrade
from tests.factories import NOON


@pytest.fixture(scope="session")
def migrated_file(tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("migrated") / "quizzer.db"
    upgrade(f"sqlite:///{path}")
    return path


@pytest.fixture
def database(migrated_file, tmp_path):
    path = tmp_path / "copy.db"
    shutil.copy(migrated_file, path)
    database = Database(f"sqlite:///{path}")
    yield database
    database.close()


@pytest.fixture
def learner(database):
    with database.transaction() as session:
        return accounts.make_guest(session, name="Ada", now=NOON)


@pytest.fixture
def stranger(database):
    with database.transaction() as session:
        return accounts.make_guest(session, name="Eve", now=NOON)
