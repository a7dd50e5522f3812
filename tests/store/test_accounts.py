from __future__ import annotations

import subprocess
import sys
from datetime import timedelta
from types import SimpleNamespace

import pytest
from argon2 import PasswordHasher, Type, extract_parameters
from sqlalchemy import delete, func, select

from quizzer.errors import (
    ConflictError,
    InvalidResponseError,
    NotFoundError,
    TooManyRequestsError,
)
from quizzer.services import accounts, passwords
from quizzer.store import users
from quizzer.store.tables import LoginFailureRow, UserRow
from tests.factories import NOON

PASSWORD = "correct horse"


def register(database, name="Ada", password=PASSWORD, guest_id=None):
    return accounts.register(database, name=name, password=password, guest_id=guest_id, now=NOON)


def log_in(database, name="Ada", password=PASSWORD, address="1.2.3.4", now=NOON):
    return accounts.log_in(database, name=name, password=password, address=address, now=now)


def fail(database, times, **kwargs):
    for _ in range(times):
        assert log_in(database, password="wrong wrong", **kwargs) is None


def fail_from_everywhere(database, times, now=NOON):
    """Failures of one name, each from another address; without the hashing, which takes long."""
    with database.transaction() as session:
        for number in range(times):
            address = f"10.0.0.{number}"
            users.record_login_failure(session, folded_name="ada", address=address, now=now)


def test_a_guest_becomes_an_account_in_the_same_row_and_older_sessions_end(database, learner):
    account = register(database, name="Ada L.", guest_id=learner.id)
    assert (account.id, account.name, account.is_guest) == (learner.id, "Ada L.", False)
    with database.snapshot() as session:
        find = accounts.find_user_by_session
        assert find(session, user_id=learner.id, session_version=learner.session_version) is None
        found = find(session, user_id=account.id, session_version=account.session_version)
        assert found == account


def test_an_account_cannot_be_made_of_an_account_or_of_nobody(database, learner):
    register(database, guest_id=learner.id)
    with pytest.raises(ConflictError, match="account already"):
        register(database, name="Other", guest_id=learner.id)
    with pytest.raises(NotFoundError):
        register(database, name="Other", guest_id=999)


def test_the_password_opens_the_account_and_is_not_stored(database):
    account = register(database)
    assert log_in(database, name=" aDA ") == account
    assert log_in(database, password="correct horsf") is None
    assert log_in(database, name="Bob") is None
    assert log_in(database, password="x" * 100_000) is None
    with database.snapshot() as session:
        kept = session.scalars(select(UserRow.password_hash)).one()
    assert kept.startswith("$argon2id$")
    assert PASSWORD not in kept


@pytest.mark.parametrize("name", ["A\0da", "A\ud800da"])
def test_a_name_that_no_database_can_keep_is_nobodys(database, name):
    register(database)
    assert log_in(database, name=name) is None
    with pytest.raises(NotFoundError), database.snapshot() as session:
        accounts.get_account(session, name=name)


@pytest.mark.parametrize("taken", ["Ada", "ADA", " ada ", "\N{FULLWIDTH LATIN CAPITAL LETTER A}da"])
def test_names_of_accounts_are_unique_in_every_spelling(database, taken):
    register(database)
    with pytest.raises(ConflictError, match="taken"):
        register(database, name=taken)
    other = register(database, name="Bob")
    with pytest.raises(ConflictError, match="taken"), database.transaction() as session:
        accounts.change_name(session, user_id=other.id, name=taken)


def test_letters_that_only_fold_alike_are_one_name(database):
    register(database, name="Straße")
    with pytest.raises(ConflictError):
        register(database, name="STRASSE")


def test_guests_may_share_a_name_and_take_no_name_away(database, learner, stranger):
    with database.transaction() as session:
        accounts.change_name(session, user_id=stranger.id, name="Ada")
    register(database, name="Ada")
    with database.transaction() as session:
        accounts.change_name(session, user_id=learner.id, name="Ada")


def test_an_account_may_change_the_spelling_of_its_own_name(database):
    account = register(database)
    with database.transaction() as session:
        assert accounts.change_name(session, user_id=account.id, name="ADA").name == "ADA"


@pytest.mark.parametrize(
    "name", ["", "a", "  a  ", "x" * 41, "a\0b", "a\u202eb", "\ud800\ud800", "\u200b\u200b\u200b"]
)
def test_a_name_is_two_to_forty_visible_characters(database, name):
    with pytest.raises(InvalidResponseError), database.transaction() as session:
        accounts.make_guest(session, name=name, now=NOON)


def test_white_space_in_names_is_tidied(database):
    with database.transaction() as session:
        assert accounts.make_guest(session, name="  Ada \t L ", now=NOON).name == "Ada L"


@pytest.mark.parametrize("password", ["", "1234567", "x" * 201])
def test_a_password_has_eight_to_two_hundred_characters(database, password):
    with pytest.raises(InvalidResponseError, match="password"):
        register(database, password=password)
    with database.snapshot() as session:
        assert session.scalar(select(func.count()).select_from(UserRow)) == 0


def test_nobody_who_writes_waits_for_a_password_to_be_hashed(database, monkeypatch):
    hasher, calls = passwords._HASHER, []

    def outside(work):
        def call(*arguments):
            with database.transaction():  # refused within another one of this thread
                calls.append(work.__name__)
            return work(*arguments)

        return call

    slow = SimpleNamespace(
        hash=outside(hasher.hash),
        verify=outside(hasher.verify),
        check_needs_rehash=hasher.check_needs_rehash,
    )
    monkeypatch.setattr(passwords, "_HASHER", slow)
    register(database)
    assert log_in(database) is not None
    assert log_in(database, password="wrong wrong") is None
    assert log_in(database, name="Bob") is None
    assert calls == ["hash", "verify", "verify", "verify"]


def test_a_hash_is_as_costly_as_is_advised(database):
    account = register(database)
    with database.snapshot() as session:
        kept = users.get_credentials(session, user_id=account.id).password_hash
    found = extract_parameters(kept)
    assert found.type is Type.ID
    assert found.memory_cost >= 19_456
    assert found.time_cost >= 2
    assert found.parallelism >= 1


def test_a_weaker_hash_is_made_anew_at_the_next_log_in(database):
    account = register(database)
    weak = PasswordHasher(time_cost=1, memory_cost=1024, parallelism=1).hash(PASSWORD)
    with database.transaction() as session:
        users.renew_password_hash(session, user_id=account.id, password_hash=weak)

    def kept():
        with database.snapshot() as session:
            return users.get_credentials(session, user_id=account.id).password_hash

    fail(database, 1)
    assert kept() == weak
    assert log_in(database) == account
    fresh = kept()
    assert extract_parameters(fresh).memory_cost >= 19_456
    assert log_in(database) == account
    assert kept() == fresh


# -- throttling


def test_those_who_guess_at_the_same_time_are_counted_together(database, monkeypatch):
    register(database)
    hasher = passwords._HASHER

    def verify_while_others_fail(*arguments):
        monkeypatch.setattr(passwords, "_HASHER", hasher)
        fail(database, 5)
        return hasher.verify(*arguments)

    monkeypatch.setattr(passwords, "_HASHER", SimpleNamespace(verify=verify_while_others_fail))
    with pytest.raises(TooManyRequestsError):
        log_in(database)


def test_five_failures_make_a_name_and_address_wait_even_with_the_right_password(database):
    register(database)
    fail(database, 5)
    with pytest.raises(TooManyRequestsError) as refused:
        log_in(database, now=NOON + timedelta(minutes=5))
    assert refused.value.retry_after_s == 600
    assert log_in(database, now=NOON + timedelta(minutes=15, seconds=1)) is not None


@pytest.mark.parametrize(
    ("after", "words", "wait_s"),
    [
        (timedelta(0), "in 15 minutes.", 900),
        (timedelta(minutes=13, seconds=59), "in 2 minutes.", 61),
        (timedelta(minutes=14), "in 1 minute.", 60),
        (timedelta(minutes=14, seconds=20), "in 40 seconds.", 40),
        (timedelta(minutes=14, seconds=59), "in 1 second.", 1),
    ],
)
def test_who_has_to_wait_is_told_how_long(database, after, words, wait_s):
    fail(database, 5)
    with pytest.raises(TooManyRequestsError) as refused:
        log_in(database, now=NOON + after)
    assert str(refused.value).endswith(words)
    assert refused.value.retry_after_s == wait_s
    assert log_in(database, now=NOON + after + timedelta(seconds=wait_s + 1)) is None


def test_a_name_guessed_from_everywhere_waits_until_the_first_of_the_fifty_is_old(database):
    fail_from_everywhere(database, 1)
    fail_from_everywhere(database, 49, now=NOON + timedelta(minutes=10))
    with pytest.raises(TooManyRequestsError) as refused:
        log_in(database, address="10.0.1.1", now=NOON + timedelta(minutes=10))
    assert refused.value.retry_after_s == 5 * 60


GUESS = """
import sys
from datetime import UTC, datetime
from quizzer.errors import TooManyRequestsError
from quizzer.services import accounts
from quizzer.store.db import Database

database = Database(sys.argv[1])
sys.stdin.readline()
told = []
for number in range(6):
    try:
        found = accounts.log_in(database, name="Ada", password=f"guess {number}", address="1.2.3.4",
                                now=datetime(2026, 3, 1, 12, tzinfo=UTC))
        told.append("right" if found else "wrong")
    except TooManyRequestsError:
        told.append("wait")
print(*told)
"""


def test_guesses_in_several_processes_are_counted_together(database):
    register(database)
    command = [sys.executable, "-c", GUESS, database.url.render_as_string(hide_password=False)]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    processes = [subprocess.Popen(command, **pipes) for _ in range(2)]
    for process in processes:
        process.stdin.write("go\n")
        process.stdin.flush()
    told = [word for process in processes for word in process.communicate(timeout=60)[0].split()]
    assert [process.returncode for process in processes] == [0, 0]
    assert sorted(told) == ["wait"] * 7 + ["wrong"] * 5
    with pytest.raises(TooManyRequestsError):
        log_in(database)


def test_an_address_that_tries_many_names_waits_and_no_other_one_does(database):
    register(database)
    with database.transaction() as session:
        for number in range(100):
            users.record_login_failure(
                session, folded_name=f"nobody {number}", address="10.0.0.1", now=NOON
            )
    with pytest.raises(TooManyRequestsError, match="in 15 minutes"):
        log_in(database, address="10.0.0.1")
    assert log_in(database, address="10.0.0.2") is not None
    assert log_in(database, address="10.0.0.1", now=NOON + timedelta(minutes=16)) is not None


def test_whoever_has_a_network_of_version_6_is_one_address(database):
    register(database)
    for number in range(5):
        fail(database, 1, address=f"2001:db8:0:1::{number}")
    with pytest.raises(TooManyRequestsError):
        log_in(database, address="2001:db8:0:1:ffff::1")
    assert log_in(database, address="2001:db8:0:2::1") is not None
    fail(database, 5, name="Eve", address="::ffff:10.0.0.1")
    with pytest.raises(TooManyRequestsError):
        log_in(database, name="Eve", address="10.0.0.1")


def test_other_names_and_addresses_do_not_wait(database):
    register(database)
    register(database, name="Bob")
    fail(database, 5)
    assert log_in(database, name="Bob") is not None
    assert log_in(database, address="5.6.7.8") is not None


def test_many_addresses_together_make_a_name_wait(database):
    register(database)
    fail_from_everywhere(database, 50)
    with pytest.raises(TooManyRequestsError):
        log_in(database, address="10.0.1.1")


def test_a_success_forgets_the_failures_and_old_ones_are_cleared(database):
    register(database)
    fail(database, 3, name="Nobody")
    fail(database, 4, now=NOON + timedelta(hours=1))
    assert log_in(database, now=NOON + timedelta(hours=1)) is not None
    fail(database, 4, now=NOON + timedelta(hours=1))
    with database.snapshot() as session:
        assert session.scalar(select(func.count()).select_from(LoginFailureRow)) == 4


# -- sessions and roles


def test_logging_out_everywhere_ends_every_session(database):
    account = register(database)
    with database.transaction() as session:
        fresh = accounts.log_out_everywhere(session, user_id=account.id, now=NOON)
        assert fresh.session_version == account.session_version + 1
        assert (
            accounts.find_user_by_session(
                session, user_id=account.id, session_version=account.session_version
            )
            is None
        )


def test_an_account_is_promoted_by_its_name_and_a_guest_is_not(database, learner):
    with pytest.raises(NotFoundError), database.transaction() as session:
        accounts.promote(session, name=learner.name)
    register(database, guest_id=learner.id)
    with database.transaction() as session:
        assert accounts.promote(session, name="ada").role == "instructor"
        assert accounts.get_user(session, user_id=learner.id).role == "instructor"


def test_the_id_of_a_user_who_is_gone_never_names_another_one(database, stranger):
    with database.transaction() as session:
        session.execute(delete(UserRow))
        again = accounts.make_guest(session, name="Eve", now=NOON)
    assert again.id > stranger.id


def test_nobody_is_not_found(database):
    with database.snapshot() as session:
        assert accounts.find_user_by_session(session, user_id=1, session_version=1) is None
        with pytest.raises(NotFoundError):
            accounts.get_user(session, user_id=1)
