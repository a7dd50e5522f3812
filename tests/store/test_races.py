"""Two transactions at the same moment, where the database lets them go on side by side."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from types import SimpleNamespace

import pytest
from sqlalchemy import select, text

from quizzer.errors import ConflictError, NotFoundError
from quizzer.services import accounts, giving_up, grading, merging, resetting, submitting
from quizzer.services.submitting import Report, Verdict
from quizzer.store import review_cards, users
from quizzer.store.help_tables import GivingUpRow
from quizzer.store.tables import GradeRunRow, UserRow
from tests.factories import NOON, make_library
from tests.store.hands import Learner, count, hand_in

KEY = "lesson/sum"
EXERCISES = {KEY: SimpleNamespace(key=KEY, hash="v1", devices=("cpu",))}
PASSWORD, OTHER = "correct horse", "battery and staple"


@pytest.fixture
def database(postgresql):
    return postgresql


@pytest.fixture
def account(database):
    return register(database, "Bob")


def register(database, name, *, form_key="", guest_id=None):
    return accounts.register(
        database, name=name, password=PASSWORD, guest_id=guest_id, now=NOON, form_key=form_key
    )


def cross(database, first, second, *, then=lambda _session: None):
    """Let `second` run into the transaction of `first` before that one is committed.

    `then` is what the first one does once the other waits for it. Return what becomes of `second`.
    """
    with ThreadPoolExecutor(1) as pool:
        with database.transaction() as session:
            first(session)
            session.flush()
            crossing = pool.submit(second)
            wait_until_blocked(database, crossing)
            then(session)
        return crossing.result(timeout=30)


def wait_until_blocked(database, crossing):
    give_up_at = time.monotonic() + 20
    blocked = text("SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'")
    while not crossing.done():
        with database.snapshot() as session:
            if session.scalar(blocked):
                return
        assert time.monotonic() < give_up_at
        time.sleep(0.01)


# -- names


def take_name(session, user, name):
    users.set_name(session, user_id=user.id, name=name, folded_name=name.casefold())


def test_of_two_who_take_one_name_at_once_the_second_is_told(database, account):
    with pytest.raises(ConflictError, match="This name is taken"):
        cross(
            database,
            lambda session: take_name(session, account, "Ada"),
            lambda: register(database, "ADA"),
        )
    other = register(database, "Eve")

    def rename():
        with database.transaction() as session:
            accounts.change_name(session, user_id=other.id, name="Cleo")

    with pytest.raises(ConflictError, match="This name is taken"):
        cross(database, lambda session: take_name(session, account, "cleo"), rename)


def test_one_form_sent_twice_at_once_makes_one_account_for_a_visitor(database):
    barrier = threading.Barrier(2)

    def send(_click):
        barrier.wait()
        return register(database, "Ada", form_key="form")

    with ThreadPoolExecutor(2) as pool:
        made = list(pool.map(send, range(2)))
    assert made[0] == made[1]
    assert count(database, UserRow) == 1


# -- passwords


def test_a_password_changed_twice_at_once_is_changed_once(database, account):
    barrier = threading.Barrier(2)

    def send(_click):
        barrier.wait()
        return accounts.change_password(
            database, user=account, old=PASSWORD, new=OTHER, address="1.2.3.4", now=NOON
        )

    with ThreadPoolExecutor(2) as pool:
        changed = list(pool.map(send, range(2)))
    assert changed[0] == changed[1]
    assert changed[0].session_version == account.session_version + 1


def test_a_link_and_a_changed_password_never_wait_for_each_other(database, account):
    with database.transaction() as session:
        _, token = resetting.make_reset_token(session, name="Bob", actor="operator 0", now=NOON)
    with pytest.raises(NotFoundError, match="sets no password any more"):
        cross(
            database,
            lambda session: users.lock_user(session, user_id=account.id),
            lambda: resetting.reset_password(database, token=token, password=OTHER, now=NOON),
            then=lambda session: users.set_password_hash(
                session, user_id=account.id, password_hash="x"
            ),
        )


def test_nobody_waits_at_the_log_in_for_another_who_clears_the_same_old_failures(database, account):
    long_ago = NOON - timedelta(days=1)
    with database.transaction() as session:
        for name in ("bob", "eve"):
            users.record_login_failure(session, folded_name=name, address="1.2.3.4", now=long_ago)
    with ThreadPoolExecutor(1) as pool, database.transaction() as session:
        users.clear_login_failures(session, folded_name="eve", address="1.2.3.4", before=NOON)
        entering = pool.submit(
            accounts.log_in,
            database,
            name="Bob",
            password=PASSWORD,
            address="5.6.7.8",
            now=NOON,
        )
        assert entering.result(timeout=20) == account


# -- a solution


def test_a_solution_asked_for_in_two_tabs_at_once_is_given_up_once(database, learner):
    ada = Learner(database, learner, make_library())
    hand_in(ada, 0.5)
    ada.now += timedelta(seconds=1)

    def open_first(session):
        users.lock_user(session, user_id=learner.id)
        giving_up.open_solution(session, user_id=learner.id, exercise_key=KEY, now=NOON)

    def ask():
        ada.call(giving_up.give_up, exercises=EXERCISES, exercise_key=KEY)

    cross(database, open_first, ask)
    assert count(database, GivingUpRow) == 1


# -- a report that comes while its learner's row is held


class Grader:
    """Grades everything as right, once it was let go on."""

    def __init__(self):
        self.has_begun, self.may_go_on = threading.Event(), threading.Event()

    def grade(self, exercise, _source, **_options):
        self.has_begun.set()
        assert self.may_go_on.wait(30)
        return Report(
            exercise=exercise.key,
            exercise_hash=exercise.hash,
            verdict=Verdict.ACCEPTED,
            score=1.0,
            checks=(),
        )


def grade_meanwhile(database, user, act):
    """Hand something in as the user; let its report come while `act` holds what is theirs.

    Return whether it was recorded.
    """
    view = submitting.hand_in(
        database,
        EXERCISES,
        SimpleNamespace(ring=lambda *_arguments, **_options: None),
        user_id=user.id,
        exercise_key=KEY,
        source=b"code",
        idempotency_key="form",
        now=NOON,
    )
    grader = Grader()
    with ThreadPoolExecutor(1) as pool:
        crossing = pool.submit(
            grading.grade_run,
            database,
            EXERCISES,
            grader,
            run_id=view.run_id,
            worker="w",
            clock=lambda: NOON,
        )
        assert grader.has_begun.wait(30)
        with database.transaction() as session:
            act(session)
            session.flush()
            grader.may_go_on.set()
            wait_until_blocked(database, crossing)
        return crossing.result(timeout=30)


def test_a_report_that_comes_while_its_guest_is_brought_along_is_the_accounts(
    database, learner, account
):
    def bring(session):
        merging.merge_guest(
            session, make_library(), guest_id=learner.id, account_id=account.id, now=NOON
        )

    assert grade_meanwhile(database, learner, bring)
    with database.snapshot() as session:
        (card,) = review_cards.list_cards(session, user_id=account.id)
        assert session.scalars(select(GradeRunRow.state)).all() == ["graded"]
    assert card.key == KEY


def test_a_report_that_comes_while_its_learner_leaves_is_dropped(database, learner):
    assert not grade_meanwhile(
        database, learner, lambda session: users.delete_user(session, user_id=learner.id)
    )
    assert count(database, GradeRunRow) == 0
