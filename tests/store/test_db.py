from __future__ import annotations

import sqlite3
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta, timezone
from traceback import format_exception

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError, IntegrityError, StatementError

from quizzer.store.db import Database
from quizzer.store.item_tables import ItemRevisionRow
from quizzer.store.tables import AttemptRow, UserRow
from tests.factories import NOON


def make_user(name="ada", **changes):
    values = {
        "name": name,
        "folded_name": name,
        "password_hash": None,
        "role": "learner",
        "session_version": 1,
        "created_at": NOON,
    }
    return UserRow(**(values | changes))


def list_names(session):
    return sorted(session.scalars(select(UserRow.name)))


def test_sqlite_keeps_a_committed_answer_through_a_power_cut_and_waits_for_locks(sqlite):
    with sqlite.transaction() as session:
        found = {
            name: session.execute(text(f"PRAGMA {name}")).scalar()
            for name in ("journal_mode", "synchronous", "busy_timeout", "foreign_keys")
        }
    assert found == {
        "journal_mode": "wal",
        "synchronous": 2,
        "busy_timeout": 20_000,
        "foreign_keys": 1,
    }


def test_a_transaction_keeps_everything_or_nothing(database):
    with database.transaction() as session:
        session.add(make_user("ada"))
    with pytest.raises(IntegrityError), database.transaction() as session:
        session.add_all([make_user("eve"), make_user("bob", role="king")])
    with database.snapshot() as session:
        assert list_names(session) == ["ada"]


def test_transactions_of_one_thread_do_not_nest(database):
    with (
        database.transaction(),
        pytest.raises(RuntimeError, match="nest"),
        database.transaction(),
    ):
        pass
    with database.transaction() as session:
        session.add(make_user())


def test_a_snapshot_sees_one_moment_and_waits_for_no_writer(database):
    with database.snapshot() as reading:
        assert list_names(reading) == []
        with database.transaction() as session:
            session.add(make_user())
        assert list_names(reading) == []
    with database.snapshot() as reading:
        assert list_names(reading) == ["ada"]


def test_a_snapshot_cannot_write_and_leaves_the_connection_able_to(database):
    with database.snapshot() as session:
        session.add(make_user())
        with pytest.raises(DBAPIError, match=r"read-?only"):
            session.flush()
    with database.transaction() as session:
        session.add(make_user())


def test_reading_before_writing_never_fails_on_the_lock(sqlite):
    """Under a deferred BEGIN most of these would end in `database is locked`."""
    other = Database(str(sqlite.url))  # as another process would: without our lock

    def write(number):
        with (sqlite, other)[number % 2].transaction() as session:
            count = len(list_names(session))
            session.add(make_user(f"user {number:03} after {count}"))

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(write, range(120)))
    other.close()
    with sqlite.snapshot() as session:
        counts = sorted(int(name.split()[-1]) for name in list_names(session))
    assert counts == list(range(120))  # each saw all that came before it


def test_the_writer_takes_the_lock_at_its_beginning(sqlite):
    with sqlite.transaction() as session:
        list_names(session)
        rival = sqlite3.connect(sqlite.url.database, timeout=0, isolation_level=None)
        with pytest.raises(sqlite3.OperationalError, match="locked"):
            rival.execute("BEGIN IMMEDIATE")
        rival.close()


def test_foreign_keys_hold(database):
    orphan = AttemptRow(user_id=99, mode="test", lesson="l", seed=1, started_at=NOON, policy={})
    with pytest.raises(IntegrityError), database.transaction() as session:
        session.add(orphan)


def test_a_moment_without_a_zone_is_refused(database):
    naive = datetime(2026, 3, 1, 12)  # noqa: DTZ001 - what the test is about
    with pytest.raises(StatementError, match="has no time zone"), database.transaction() as session:
        session.add(make_user(created_at=naive))


def test_moments_come_back_in_utc(database):
    elsewhere = datetime(2026, 3, 1, 14, 30, 0, 123, tzinfo=timezone(timedelta(hours=2)))
    with database.transaction() as session:
        session.add(make_user(created_at=elsewhere))
    with database.snapshot() as session:
        found = session.scalars(select(UserRow.created_at)).one()
    assert found == elsewhere
    assert found.tzinfo is UTC


def test_another_process_uses_the_same_file_without_a_request(database):
    with database.transaction() as session:
        session.add(make_user())
    program = (
        "import sys\n"
        "from sqlalchemy import select\n"
        "from quizzer.store.db import Database\n"
        "from quizzer.store.tables import UserRow\n"
        "with Database(sys.argv[1]).snapshot() as session:\n"
        "    print(session.scalars(select(UserRow.name)).one())\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, str(database.url)],
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout == "ada\n"


def test_each_thread_has_its_own_transaction(sqlite):
    inside, may_go = threading.Event(), threading.Event()

    def hold():
        with sqlite.transaction() as session:
            session.add(make_user("first"))
            inside.set()
            may_go.wait(10)

    holder = threading.Thread(target=hold)
    holder.start()
    assert inside.wait(10)
    with sqlite.snapshot() as session:
        assert list_names(session) == []
    may_go.set()
    with sqlite.transaction() as session:
        assert list_names(session) == ["first"]
    holder.join()


@pytest.mark.parametrize("kind", ["single", None])  # there already, and not allowed
def test_an_error_says_nothing_of_what_was_to_be_stored(database, kind):
    def insert(kind):
        with database.transaction() as session:
            session.add(
                ItemRevisionRow(
                    item_key="b/i",
                    revision="r",
                    kind=kind,
                    text="- [x] THE-KEY",
                    stem="What?",
                    options=[["a", "THE-KEY", True]],
                    first_seen_at=NOON,
                )
            )

    insert("single")
    with pytest.raises(IntegrityError) as refused:
        insert(kind)
    assert "item_revision" in str(refused.value)
    assert "THE-KEY" not in "".join(format_exception(refused.value)) + repr(refused.value)


def test_a_missing_folder_is_made(tmp_path):
    database = Database(f"sqlite:///{tmp_path}/deep/down/quizzer.db")
    with database.snapshot() as session:
        assert session.execute(text("SELECT 1")).scalar() == 1
    database.close()
