"""What was begun and left is found again; what was missed makes a round."""

from __future__ import annotations

from datetime import timedelta

import pytest

from quizzer.domain.showing import STANDS
from quizzer.errors import ConflictError, NotFoundError
from quizzer.services import resuming
from quizzer.store.tables import AttemptRow
from tests.factories import make_code, make_item, make_library
from tests.store.hands import RIGHT, SHOWN_WRONG, WRONG, Learner, count

ITEMS = tuple(make_item(f"bank/i{number:02}", difficulty=1 + number % 5) for number in range(30))


@pytest.fixture
def ada(database, learner):
    return Learner(database, learner, make_library(*ITEMS))


@pytest.fixture
def eve(database, stranger):
    return Learner(database, stranger, make_library(*ITEMS))


def list_open(person):
    return person.call(resuming.list_open_attempts)


def retry(person, attempt_id):
    shown = person.call(resuming.start_retry, attempt_id=attempt_id, seed=1)
    person.attempt_id = shown.attempt.id
    return shown


def take_test(ada, *, wrong):
    """Answer a test, wrongly at these positions; position 10 is left. Return it and its keys."""
    ada.start("test")
    for position in range(1, 10):
        ada.answer(WRONG if position in wrong else RIGHT, position=position)
    return ada.attempt_id, {q.position: q.item.key for q in ada.finish().shown.questions}


def test_an_open_test_tells_its_time_and_what_waits(ada, eve):
    ada.start("test")
    ada.answer(WRONG, position=1)
    ada.now += timedelta(seconds=61)
    (left,) = list_open(ada)
    assert (left.mode, left.lesson, left.attempt_id) == ("test", "lesson", ada.attempt_id)
    assert (left.seconds_left, left.waiting, left.total) == (1200 - 61, 9, 10)
    assert not left.is_over
    assert list_open(eve) == ()


def test_a_test_whose_time_is_up_waits_for_a_look_at_its_result(ada):
    ada.start("test")
    ada.now += timedelta(hours=1)
    assert list_open(ada)[0].is_over
    ada.get()
    assert list_open(ada) == ()


def test_a_round_is_open_until_nothing_waits_in_it(ada):
    ada.start("practice")
    for position in range(1, 10):
        ada.answer(RIGHT, position=position)
    ada.answer(WRONG, position=10)
    assert list_open(ada)[0].waiting == 1
    ada.reveal(position=10)
    assert list_open(ada) == ()


def test_a_retry_asks_what_was_missed_and_nothing_else(ada):
    attempt_id, keys = take_test(ada, wrong={2, 5})
    shown = retry(ada, attempt_id)
    assert shown.attempt.mode == "practice"
    assert [q.item.key for q in shown.questions] == [keys[2], keys[5], keys[10]]


def test_a_retry_sent_twice_is_one_round(ada):
    attempt_id, _ = take_test(ada, wrong={2})
    assert retry(ada, attempt_id).attempt.id == retry(ada, attempt_id).attempt.id
    assert count(ada.database, AttemptRow) == 2


def test_a_retry_closes_another_open_round_which_keeps_its_points(ada):
    other = ada.start("practice").attempt.id
    ada.answer(RIGHT)
    attempt_id, _ = take_test(ada, wrong={2})
    retry(ada, attempt_id)
    ada.attempt_id = other
    before = ada.get()
    assert (before.is_open, before.earned) == (False, 1.0)


def test_a_retry_of_practice_takes_what_was_revealed(ada):
    shown = ada.start("practice")
    for position in range(1, 10):
        ada.answer(RIGHT, position=position)
    ada.reveal(position=10)
    ada.finish()
    again = retry(ada, ada.attempt_id)
    assert [q.item.key for q in again.questions] == [shown.questions[9].item.key]


def test_only_a_closed_attempt_of_ones_own_with_something_missed_is_retried(ada, eve):
    ada.start("test")
    with pytest.raises(ConflictError, match="still open"):
        retry(ada, ada.attempt_id)
    with pytest.raises(NotFoundError):
        retry(eve, ada.attempt_id)
    for position in range(1, 11):
        ada.answer(RIGHT, position=position)
    ada.finish()
    with pytest.raises(ConflictError, match="Nothing was missed"):
        retry(ada, ada.attempt_id)


def test_the_editor_leads_back_to_the_latest_question_that_still_takes_an_answer(database, learner):
    code = make_code(modes=("practice", "try"), exercise="lesson/sum", code=None)
    ada = Learner(database, learner, make_library(code))

    def find():
        return ada.call(resuming.find_question, exercise_key="lesson/sum")

    assert find() is None
    older = ada.start("try").attempt.id
    newer = ada.start("practice").attempt.id
    assert find() == (newer, 1)
    ada.reveal()
    assert find() == (older, 1)
    ada.attempt_id = older
    ada.reveal()
    assert find() is None


def test_another_answer_to_what_was_answered_is_told_that_the_first_stands(ada):
    ada.start("test")
    assert ada.answer(WRONG).notice == ""
    assert ada.answer(WRONG).notice == ""
    again = ada.answer(RIGHT)
    assert (again.notice, again.chosen) == (STANDS, SHOWN_WRONG)
