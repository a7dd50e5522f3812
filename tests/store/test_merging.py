"""A guest who has an account already, and brings what they did into it."""

from __future__ import annotations

from datetime import timedelta
from types import SimpleNamespace

import pytest
from sqlalchemy import func, select

from quizzer.domain.mastery import START_VARIANCE, Belief, join_beliefs, learn_from
from quizzer.domain.people import Action
from quizzer.errors import ConflictError, NotFoundError
from quizzer.services import accounts, answering, merging, resuming, submitting
from quizzer.services.giving_up import open_solution
from quizzer.store import audit, review_cards, skills
from quizzer.store.belongings import list_owned_tables
from quizzer.store.tables import AttemptRow, ResponseRow, ReviewCardRow, SubmissionRow
from tests.factories import NOON, make_item, make_library
from tests.store.hands import RIGHT, WRONG, Learner, count, hand_in

LATER = NOON + timedelta(minutes=5)
LIBRARY = make_library(*(make_item(f"bank/{name}") for name in ("one", "two", "three")))


@pytest.fixture
def account(database):
    return accounts.register(
        database, name="Ada", password="correct horse", guest_id=None, now=NOON
    )


@pytest.fixture
def guest(database):
    with database.transaction() as session:
        return accounts.make_guest(session, name="Guest", now=NOON)


@pytest.fixture
def home(database, account):
    """The account's hands, in another browser."""
    return Learner(database, account, LIBRARY)


@pytest.fixture
def here(database, guest):
    """The guest's hands, in this browser."""
    return Learner(database, guest, LIBRARY)


def merge(database, guest, account, now=LATER):
    with database.transaction() as session:
        return merging.merge_guest(
            session, LIBRARY, guest_id=guest.id, account_id=account.id, now=now
        )


def list_open(database, user, now=LATER):
    with database.snapshot() as session:
        return {
            (one.mode, one.attempt_id)
            for one in resuming.list_open_attempts(session, LIBRARY, user_id=user.id, now=now)
        }


def test_a_running_test_goes_on_under_the_account(database, here, guest, account):
    here.start("test")
    here.answer(RIGHT, position=1)
    assert merge(database, guest, account) == account
    here.user, here.now = account, LATER
    here.answer(WRONG, position=2)
    assert here.get().seconds_left == 15 * 60
    assert here.finish().shown.answered == 2


def test_nothing_of_the_guest_is_left_but_under_the_account(database, here, guest, account):
    here.start("practice")
    here.answer(RIGHT)
    responses = count(database)
    merge(database, guest, account)
    assert count(database) == responses
    with database.snapshot() as session:
        for table in list_owned_tables():
            for column in table.columns:
                if any(key.column.table.name == "user" for key in column.foreign_keys):
                    assert set(session.scalars(select(column))) <= {account.id}
        with pytest.raises(NotFoundError):
            accounts.get_user(session, user_id=guest.id)
        entry = audit.list_entries(session, limit=1)[0]
    assert (entry.action, entry.subject_id) == (Action.GUEST_MERGED, account.id)


@pytest.mark.parametrize("is_ahead_here", [True, False])
def test_of_two_open_rounds_the_one_further_on_stays_open(
    database, here, home, guest, account, is_ahead_here
):
    for hands, answers in ((home, not is_ahead_here), (here, is_ahead_here)):
        hands.start("practice")
        hands.answer(RIGHT, position=1)
        if answers:
            hands.answer(RIGHT, position=2)
    ahead, behind = (here, home) if is_ahead_here else (home, here)
    merge(database, guest, account)
    assert list_open(database, account) == {("practice", ahead.attempt_id)}
    with database.snapshot() as session:
        closed = session.get(AttemptRow, behind.attempt_id)
    assert (closed.closed_at, closed.score) == (LATER, pytest.approx(1 / 3))
    # The page of the lesson leads back to it, though the closed one may be the younger.
    home.user, home.now = account, LATER
    assert home.start("practice").attempt.id == ahead.attempt_id


def test_an_open_round_is_gone_on_with_beside_a_younger_closed_one(
    database, here, home, guest, account
):
    home.start("practice")
    home.answer(RIGHT, position=1)
    here.start("practice")
    for position in (1, 2, 3):
        here.answer(RIGHT, position=position)
    with database.transaction() as session:
        session.get(AttemptRow, here.attempt_id).closed_at = NOON
    merge(database, guest, account)
    assert list_open(database, account) == {("practice", home.attempt_id)}
    assert home.start("practice").attempt.id == home.attempt_id


def test_a_test_whose_time_is_up_is_closed_at_its_end(database, here, home, guest, account):
    home.start("test")
    here.start("test")
    here.answer(RIGHT, position=1)
    merge(database, guest, account, now=NOON + timedelta(hours=2))
    with database.snapshot() as session:
        closed = session.get(AttemptRow, home.attempt_id)
    assert closed.closed_at == closed.ends_at


def test_what_is_believed_of_a_skill_is_joined(database, here, home, guest, account):
    for hands in (home, here):
        hands.start("practice")
        hands.answer(RIGHT, position=1)
    with database.snapshot() as session:
        alone = skills.list_beliefs(session, user_id=account.id)[0]
    merge(database, guest, account)
    with database.snapshot() as session:
        joined = skills.list_beliefs(session, user_id=account.id)
    assert [belief.skill for belief in joined] == ["skill"]
    assert joined[0].n == 2
    assert joined[0].rating > alone.rating
    assert joined[0].variance < alone.variance


def test_joining_beliefs_counts_the_beginning_once():
    fresh = Belief(skill="s")
    seen = learn_from(fresh, score=1.0, difficulty=3)
    assert join_beliefs(fresh, seen).rating == pytest.approx(seen.rating)
    assert join_beliefs(fresh, seen).variance == pytest.approx(seen.variance)
    assert join_beliefs(seen, fresh) == join_beliefs(fresh, seen)
    both = join_beliefs(seen, seen)
    after = learn_from(seen, score=1.0, difficulty=3)
    assert both.variance == pytest.approx(after.variance, rel=0.05)
    vague = Belief(skill="s", variance=2 * START_VARIANCE)
    assert 0 < join_beliefs(vague, vague).variance <= 2 * START_VARIANCE


def test_the_same_form_sent_as_both_is_one_submission(database, guest, account):
    exercise = SimpleNamespace(key="lesson/e", hash="v1", devices=("cpu",))
    for user, form in ((guest, "form"), (account, "form"), (guest, "other")):
        with database.transaction() as session:
            submitting.submit(
                session,
                {"lesson/e": exercise},
                user_id=user.id,
                exercise_key="lesson/e",
                source=b"code",
                idempotency_key=form,
                now=NOON,
            )
    merge(database, guest, account)
    with database.snapshot() as session:
        assert session.scalars(select(SubmissionRow.user_id)).all() == [account.id] * 2


def make_card(user, key, reviewed_at, stability):
    return ReviewCardRow(
        user_id=user.id,
        kind="item",
        key=key,
        met_at=NOON,
        due=NOON,
        reviewed_at=reviewed_at,
        stability=stability,
        difficulty=5.0,
        state=2,
        step=None,
        lapses=0,
        is_confident_error=False,
    )


def test_of_two_cards_the_one_reviewed_last_is_kept(database, guest, account):
    with database.transaction() as session:
        session.add_all(
            [
                make_card(account, "older", NOON, 1.0),
                make_card(guest, "older", LATER, 2.0),
                make_card(account, "newer", LATER, 1.0),
                make_card(guest, "newer", NOON, 2.0),
                make_card(account, "same", NOON, 1.0),
                make_card(guest, "same", NOON, 2.0),
                make_card(guest, "own", NOON, 2.0),
            ]
        )
    merge(database, guest, account)
    with database.snapshot() as session:
        cards = session.execute(select(ReviewCardRow.key, ReviewCardRow.stability)).all()
    assert dict(cards) == {"older": 2.0, "newer": 1.0, "same": 1.0, "own": 2.0}


def list_cards(database, user):
    with database.snapshot() as session:
        return {card.key: card for card in review_cards.list_cards(session, user_id=user.id)}


def test_the_card_of_an_exercise_is_made_of_what_both_handed_in(
    database, here, home, guest, account, stranger
):
    at_once = Learner(database, stranger, LIBRARY)  # who did the same, and was one all along
    for number, (hands, score) in enumerate(((here, 1.0), (home, 0.0), (here, 1.0))):
        for one in (hands, at_once):
            one.now = NOON + number * timedelta(days=2)
            hand_in(one, score, number=number)
    merge(database, guest, account, now=NOON + timedelta(days=5))
    assert list_cards(database, account) == list_cards(database, stranger)


def test_what_a_guest_solved_while_the_account_looked_at_the_solution_counts_in_neither(
    database, here, guest, account
):
    with database.transaction() as session:
        open_solution(session, user_id=account.id, exercise_key="lesson/sum", now=NOON)
    here.now = LATER
    hand_in(here, 1.0)
    assert list(list_cards(database, guest)) == ["lesson/sum"]
    merge(database, guest, account)
    assert list_cards(database, account) == {}


def test_only_a_guest_is_brought_into_only_an_account(database, guest, account, stranger):
    for one, other in ((account, guest), (guest, stranger), (account, account)):
        with pytest.raises(ConflictError):
            merge(database, one, other)
    with pytest.raises(NotFoundError):
        merge(database, guest, SimpleNamespace(id=999))


def test_a_guest_brought_along_twice_comes_once(database, here, guest, account):
    here.start("practice")
    here.answer(RIGHT, position=1)
    for _click in range(2):
        assert merge(database, guest, account) == account
    assert count(database) == 1
    with database.snapshot() as session:
        assert len(audit.list_entries(session, limit=5)) == 1


def test_a_guest_is_told_what_they_have_done(database, here, guest):
    def look(now=NOON):
        with database.snapshot() as session:
            return merging.look_at_guest(session, user_id=guest.id, now=now)

    assert not look().has_any
    here.start("test")
    assert (look().has_any, look().is_timed, look().responses) == (True, True, 0)
    here.answer(RIGHT, position=1)
    assert look().responses == 1
    assert not look(NOON + timedelta(hours=1)).is_timed


# -- the same guest, in two tabs


def test_a_guest_who_registers_in_one_tab_goes_on_in_the_other(database, here, guest):
    here.start("test")
    account = accounts.register(
        database, name="Eve", password="correct horse", guest_id=guest.id, now=NOON
    )
    assert account.id == guest.id
    here.answer(RIGHT, position=1)
    assert here.finish().shown.answered == 1


def test_the_same_form_sent_twice_makes_one_account(database, guest):
    def register(**changes):
        values = {"name": "Eve", "password": "correct horse", "form_key": "form", "now": NOON}
        return accounts.register(database, **{**values, **changes})

    made = register(guest_id=guest.id)
    assert register(guest_id=guest.id) == made
    assert register(guest_id=None) == made  # the cookie of before names an ended session
    for changes in ({"form_key": "another"}, {"form_key": ""}, {"password": "another password"}):
        with pytest.raises(ConflictError):
            register(guest_id=None, **changes)
    with database.snapshot() as session:
        assert session.scalar(select(func.count()).select_from(ResponseRow)) == 0
        assert accounts.get_account(session, name="eve") == made


def test_an_attempt_can_be_started_after_the_merger(database, here, guest, account):
    here.start("practice")
    merge(database, guest, account)
    with database.transaction() as session:
        again = answering.start_attempt(
            session,
            LIBRARY,
            user_id=account.id,
            mode="practice",
            lesson="lesson",
            seed=5,
            now=LATER,
        )
    assert again.attempt.id == here.attempt_id
