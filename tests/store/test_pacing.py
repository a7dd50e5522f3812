"""Clocks of single questions, flags, and asking what was missed again, as the database keeps them."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select

from quizzer.domain.modes import find_mode
from quizzer.errors import ConflictError, NotFoundError
from quizzer.services import pacing, resuming
from quizzer.store import skills
from quizzer.store.tables import PresentationRow, ResponseRow
from tests.factories import NOON, make_item, make_library
from tests.store.hands import RIGHT, SHOWN_WRONG, WRONG, Learner, count

MODES = ("practice", "challenge", "try", "test")
ITEMS = tuple(make_item(f"bank/{number}", modes=MODES) for number in range(8))
ITEM_TIME = timedelta(seconds=find_mode("challenge").item_time_s)
TOO_LATE = ITEM_TIME + timedelta(seconds=3)
SEED = 11


@pytest.fixture
def ada(database, learner):
    return Learner(database, learner, make_library(*ITEMS))


def start_clock(ada, position=1):
    return ada.call(pacing.start_clock, attempt_id=ada.attempt_id, position=position)


def set_flag(ada, position=1, *, is_flagged=True):
    return ada.call(
        pacing.set_flag, attempt_id=ada.attempt_id, position=position, is_flagged=is_flagged
    )


def list_shown_at(ada):
    query = select(PresentationRow.shown_at).order_by(PresentationRow.position)
    with ada.database.snapshot() as session:
        return list(session.scalars(query))


def list_beliefs(ada):
    with ada.database.snapshot() as session:
        return skills.list_beliefs(session, user_id=ada.user.id)


# -- clocks


def test_the_clock_of_a_question_is_started_once(ada):
    ada.start("challenge")
    assert list_shown_at(ada) == [None] * 5
    start_clock(ada)
    ada.now += timedelta(seconds=30)
    shown = start_clock(ada)
    assert list_shown_at(ada) == [NOON, None, None, None, None]
    assert shown.questions[0].seconds_left == 30


def test_no_clock_is_started_where_none_runs_nor_once_it_is_closed(ada):
    ada.start("practice")
    start_clock(ada)
    ada.finish()
    ada.start("challenge")
    ada.finish()
    start_clock(ada)
    assert set(list_shown_at(ada)) == {None}


def test_a_stranger_starts_no_clock_and_sets_no_flag(ada, stranger):
    ada.start("challenge")
    ada.user = stranger
    for use_case in (start_clock, set_flag):
        with pytest.raises(NotFoundError):
            use_case(ada)
    assert list_shown_at(ada) == [None] * 5


def test_what_comes_too_late_is_stored_as_missed_and_tells_nothing_of_skills(ada):
    ada.start("challenge")
    start_clock(ada)
    ada.now += TOO_LATE
    shown = ada.answer(RIGHT)
    assert shown.ran_out
    assert shown.is_right is False
    assert list_beliefs(ada) == ()
    with ada.database.snapshot() as session:
        (row,) = session.scalars(select(ResponseRow))
    assert (row.score, row.earned, row.chosen["keys"]) == (0.0, 0.0, ["a"])


def test_a_late_answer_sent_twice_is_stored_once(ada):
    ada.start("challenge")
    start_clock(ada)
    ada.now += TOO_LATE
    ada.answer(RIGHT)
    ada.answer(RIGHT)
    assert count(ada.database) == 1


def test_what_is_in_time_moves_skills_and_may_earn_the_badge(ada):
    ada.start("challenge")
    for position in range(1, 6):
        start_clock(ada, position)
        ada.answer(WRONG, position=position)
        ada.answer(RIGHT, position=position, try_no=2)
    assert list_beliefs(ada)[0].n == 5
    assert ada.finish().has_badge


def test_a_late_one_costs_the_badge(ada):
    ada.start("challenge")
    for position in range(1, 6):
        start_clock(ada, position)
        ada.now += TOO_LATE if position == 3 else timedelta(seconds=1)
        ada.answer(RIGHT, position=position)
    result = ada.finish()
    assert not result.has_badge
    assert result.shown.earned is None


def test_a_challenge_whose_times_are_all_up_gives_way_to_a_new_one(ada):
    first = ada.start("challenge")
    for position in range(1, 6):
        start_clock(ada, position)
    assert ada.start("challenge", seed=2).attempt.id == first.attempt.id
    ada.now += TOO_LATE
    assert ada.start("challenge", seed=2).attempt.id != first.attempt.id


def test_time_after_the_end_takes_nothing_away(ada):
    ada.start("challenge")
    start_clock(ada)
    ada.finish()
    ada.now += timedelta(days=1)
    assert not ada.get_result().shown.questions[0].ran_out


def test_a_question_that_was_changed_starts_its_clock_anew(ada):
    ada.start("challenge")
    start_clock(ada)
    changed = tuple(make_item(item.key, modes=MODES, title="Another title") for item in ITEMS)
    ada.library = make_library(*changed)
    ada.now += TOO_LATE
    assert not ada.get().questions[0].is_done
    assert list_shown_at(ada)[0] is None


# -- flags


def test_a_flag_is_kept_and_taken_away(ada):
    ada.start("test")
    assert set_flag(ada).questions[0].is_flagged
    set_flag(ada)
    assert [question.is_flagged for question in ada.get().questions[:2]] == [True, False]
    set_flag(ada, is_flagged=False)
    assert not ada.get().questions[0].is_flagged


def test_a_flag_stays_when_an_answer_is_sent(ada):
    ada.start("test")
    set_flag(ada)
    assert ada.answer(RIGHT).is_flagged


def test_a_flag_stays_when_its_question_is_drawn_anew(ada):
    key = ada.start("test").questions[0].item.key
    set_flag(ada)
    ada.library = make_library(
        *(replace(item, revision="new") if item.key == key else item for item in ITEMS)
    )
    again = ada.get().questions[0]
    assert (again.item.key, again.is_flagged) == (key, True)
    with ada.database.snapshot() as session:
        first = select(PresentationRow.item_revision).where(PresentationRow.position == 1)
        assert session.scalar(first) == "new"


def test_a_closed_test_and_other_modes_take_no_flags(ada):
    ada.start("test")
    ada.finish()
    with pytest.raises(ConflictError):
        set_flag(ada)
    ada.start("practice")
    with pytest.raises(ConflictError):
        set_flag(ada)


# -- again


def list_orders(shown):
    return {q.item.key: [option.key for option in q.item.options] for q in shown.questions}


def ask_again(ada):
    return ada.call(pacing.ask_again, attempt_id=ada.attempt_id, seed=SEED)


def test_only_what_was_missed_is_asked_in_another_order(ada):
    shown = ada.start("practice")
    before = list_orders(shown)
    missed, right, untouched = (question.item.key for question in shown.questions[:3])
    ada.answer(WRONG, position=1)
    ada.answer(RIGHT, position=2)
    after = list_orders(ask_again(ada))
    assert after[missed] != before[missed]
    assert (after[right], after[untouched]) == (before[right], before[untouched])
    assert ada.get().questions[0].chosen == SHOWN_WRONG  # what was sent means what it meant


def test_a_test_is_not_asked_in_another_order(ada):
    before = list_orders(ada.start("test"))
    ada.answer(WRONG)
    assert list_orders(ask_again(ada)) == before


def test_a_round_of_the_missed_has_every_one_in_another_order(ada):
    before = list_orders(ada.start("test"))
    attempt_id = ada.attempt_id
    ada.finish()
    for seed in range(20):
        shown = ada.call(resuming.start_retry, attempt_id=attempt_id, seed=seed)
        after = list_orders(shown)
        assert all(after[key] != before[key] for key in before)
        ada.attempt_id = shown.attempt.id
        ada.finish()
