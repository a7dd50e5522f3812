"""A backup is whole, taken while others write, and one file."""

from __future__ import annotations

import sqlite3
import threading
from contextlib import closing

import pytest

from quizzer.errors import ConflictError, NotFoundError
from quizzer.store.backup import back_up
from quizzer.store.db import Database
from quizzer.store.migrations import upgrade
from quizzer.store.tables import UserRow
from quizzer.worker import get_now


def make_user(number: int) -> UserRow:
    return UserRow(
        name=f"Learner {number}",
        folded_name=f"learner {number}",
        role="learner",
        session_version=1,
        created_at=get_now(),
    )


def count_users(path) -> int:
    with closing(sqlite3.connect(path)) as copy:
        assert copy.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        return copy.execute('SELECT count(*) FROM "user"').fetchone()[0]


def test_it_copies_what_is_committed_while_others_write(tmp_path):
    url = f"sqlite:///{tmp_path}/quizzer.db"
    upgrade(url)
    database = Database(url)
    stop, written = threading.Event(), []

    def write():
        while not stop.is_set():
            with database.transaction() as session:
                session.add(make_user(len(written)))
            written.append(1)

    writer = threading.Thread(target=write)
    writer.start()
    while len(written) < 20:
        stop.wait(0.01)
    target = tmp_path / "copy.db"
    at_least = len(written)
    back_up(url, target)
    stop.set()
    writer.join()
    database.close()
    assert at_least <= count_users(target) <= len(written)
    assert sorted(path.name for path in tmp_path.glob("*copy*")) == ["copy.db"]


def test_an_older_backup_is_replaced_only_by_a_whole_one(tmp_path):
    url = f"sqlite:///{tmp_path}/quizzer.db"
    upgrade(url)
    target = tmp_path / "copy.db"
    target.write_text("older")
    back_up(url, target)
    assert count_users(target) == 0


def test_nothing_to_copy_makes_no_file(tmp_path):
    with pytest.raises(NotFoundError):
        back_up(f"sqlite:///{tmp_path}/quizzer.db", tmp_path / "copy.db")
    assert list(tmp_path.iterdir()) == []


def test_other_databases_have_their_own_tools(tmp_path):
    with pytest.raises(ConflictError, match="pg_dump"):
        back_up("postgresql+psycopg://db/quizzer", tmp_path / "copy.db")
