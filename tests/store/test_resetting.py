"""A new password: by the old one, or by a link that an administrator made."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from quizzer.domain.people import Action
from quizzer.errors import (
    ConflictError,
    InvalidResponseError,
    NotFoundError,
    TooManyRequestsError,
)
from quizzer.services import accounts, resetting
from quizzer.store import audit
from quizzer.store.tables import ResetLinkRow
from tests.factories import NOON

OLD, NEW = "correct horse", "battery and staple"
DAY = timedelta(hours=24)


@pytest.fixture
def account(database):
    return accounts.register(database, name="Ada", password=OLD, guest_id=None, now=NOON)


def log_in(database, password, now=NOON, address="1.2.3.4"):
    return accounts.log_in(database, name="Ada", password=password, address=address, now=now)


def change(database, account, old=OLD, new=NEW):
    return accounts.change_password(
        database, user=account, old=old, new=new, address="1.2.3.4", now=NOON
    )


def make_token(database, name="ada", now=NOON):
    with database.transaction() as session:
        return resetting.make_reset_token(session, name=name, actor="operator 7", now=now)[1]


def reset(database, token, password=NEW, now=NOON):
    return resetting.reset_password(database, token=token, password=password, now=now)


def is_session_good(database, user):
    with database.snapshot() as session:
        found = accounts.find_user_by_session(
            session, user_id=user.id, session_version=user.session_version
        )
    return found is not None


def list_actions(database):
    with database.snapshot() as session:
        return [(e.action, e.actor) for e in reversed(audit.list_entries(session, limit=9))]


def test_a_changed_password_ends_the_sessions_of_before(database, account):
    changed = change(database, account)
    assert not is_session_good(database, account)
    assert is_session_good(database, changed)
    assert log_in(database, OLD) is None
    assert log_in(database, NEW) == changed
    assert list_actions(database) == [(Action.PASSWORD_CHANGED, f"user {account.id}")]


@pytest.mark.parametrize(
    ("old", "new", "field"),
    [("wrong wrong", NEW, "old"), (OLD, "short", "new"), (OLD, "password1", "new")],
)
def test_a_refused_change_changes_nothing(database, account, old, new, field):
    with pytest.raises(InvalidResponseError) as refused:
        change(database, account, old, new)
    assert refused.value.field == field
    assert is_session_good(database, account)
    assert log_in(database, OLD) == account


def test_guessing_the_old_password_is_slowed_down_with_guessing_at_the_log_in(database, account):
    for _ in range(3):
        with pytest.raises(InvalidResponseError):
            change(database, account, old="wrong wrong")
    for _ in range(2):
        assert log_in(database, "wrong wrong") is None
    with pytest.raises(TooManyRequestsError):
        change(database, account)


def test_the_same_form_sent_twice_changes_the_password_once(database, account):
    changed = change(database, account)
    assert change(database, account) == changed
    assert is_session_good(database, changed)
    assert list_actions(database) == [(Action.PASSWORD_CHANGED, f"user {account.id}")]


def test_a_session_that_was_ended_meanwhile_changes_no_password(database, account):
    with database.transaction() as session:
        accounts.log_out_everywhere(session, user_id=account.id, now=NOON)
    with pytest.raises(ConflictError, match="logged out meanwhile"):
        change(database, account)
    assert log_in(database, OLD) is not None
    assert log_in(database, NEW) is None


def test_a_guest_has_no_password_to_change(database, learner):
    with pytest.raises(ConflictError):
        change(database, learner)


def test_a_link_sets_a_password_once_and_ends_all_sessions(database, account):
    token = make_token(database)
    user = reset(database, token)
    assert (user.id, is_session_good(database, account)) == (account.id, False)
    assert log_in(database, NEW) == user
    assert log_in(database, OLD) is None
    with pytest.raises(NotFoundError, match="once"):
        reset(database, token, "another password")
    assert log_in(database, NEW) == user
    assert list_actions(database) == [
        (Action.RESET_LINK_MADE, "operator 7"),
        (Action.PASSWORD_RESET, f"user {account.id}"),
    ]


def test_looking_does_not_use_a_link_up_nor_does_a_password_that_is_refused(database, account):
    token = make_token(database)
    for _ in range(2):
        with database.snapshot() as session:
            assert resetting.get_user_of_token(session, token=token, now=NOON) == account
    with pytest.raises(InvalidResponseError):
        reset(database, token, "12345678")
    assert reset(database, token).id == account.id


def test_a_link_lasts_a_day(database, account):
    token = make_token(database)
    with pytest.raises(NotFoundError):
        reset(database, token, now=NOON + DAY)
    assert reset(database, token, now=NOON + DAY - timedelta(seconds=1)).id == account.id


def test_only_the_newest_link_works(database, account):
    first, second = make_token(database), make_token(database)
    with pytest.raises(NotFoundError):
        reset(database, first)
    assert reset(database, second).id == account.id


def test_a_changed_password_ends_a_link(database, account):
    token = make_token(database)
    change(database, account)
    with pytest.raises(NotFoundError):
        reset(database, token)


@pytest.mark.parametrize("token", ["", "x", "\ud800", "x" * 100_000])
@pytest.mark.usefixtures("account")
def test_what_was_never_made_is_no_link(database, token):
    make_token(database)
    with pytest.raises(NotFoundError):
        reset(database, token)


@pytest.mark.usefixtures("account")
def test_the_token_is_not_stored(database):
    token = make_token(database)
    with database.snapshot() as session:
        kept = session.scalars(select(ResetLinkRow.token_hash)).one()
    assert len(token) >= 43
    assert token not in kept


@pytest.mark.usefixtures("learner")
def test_links_are_for_accounts(database):
    with pytest.raises(NotFoundError, match="no account named 'Ada'"):
        make_token(database, name="Ada")


@pytest.mark.usefixtures("account")
def test_nobody_waits_any_more_after_a_reset(database):
    for _ in range(5):
        assert log_in(database, "wrong wrong") is None
    with pytest.raises(TooManyRequestsError):
        log_in(database, OLD)
    user = reset(database, make_token(database))
    assert log_in(database, NEW) == user
