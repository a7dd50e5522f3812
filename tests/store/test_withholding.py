"""A running test keeps its items to itself, whatever else of the learner's is open beside it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import event, text

from quizzer.domain.attempts import Chosen
from quizzer.domain.items import Kind
from quizzer.domain.modes import find_mode
from quizzer.domain.showing import WITHHELD
from quizzer.errors import ConflictError
from quizzer.services import pacing, resuming
from tests.factories import make_blank, make_item, make_lesson, make_library
from tests.store.hands import RIGHT, WRONG, Learner, count

DRAWN = ("practice", "try", "metrics", "challenge", "visualize")
ROUNDS = (*DRAWN, "review", "learn")
KEYS = [f"bank/i{number:02}" for number in range(12)]
ITEMS = tuple(
    make_item(key, difficulty=1 + number % 5, modes=(*DRAWN, "test"))
    for number, key in enumerate(KEYS)
)
LESSON = make_lesson(myths=tuple(KEYS))
TEST_S = find_mode("test").duration_s


def make_learner(database, user, *items):
    return Learner(database, user, make_library(*(items or ITEMS), lesson=LESSON))


@pytest.fixture
def ada(database, learner):
    return make_learner(database, learner)


def keys_of(shown):
    return {question.item.key for question in shown.questions}


def take_test(person):
    """Begin a test, and leave it open; return its id and the keys of its items."""
    before = person.attempt_id
    shown = person.start("test")
    person.attempt_id = before
    return shown.attempt.id, keys_of(shown)


def take_test_of(person, *keys):
    """Begin a test that asks these items, among others; return its id."""
    everything = person.library
    own = [item for item in ITEMS if item.key in keys]
    others = [item for item in ITEMS if item.key not in keys][: 10 - len(own)]
    person.library = make_library(*own, *others, lesson=LESSON)
    test_id, asked = take_test(person)
    person.library = everything
    assert asked >= set(keys)
    return test_id


def hand_in(person, test_id):
    before, person.attempt_id = person.attempt_id, test_id
    person.finish()
    person.attempt_id = before


def begin(person, mode):
    """Begin a round of a mode on all items, as far as it takes so many."""
    if mode != "review":
        return person.start(mode)
    miss_all(person)
    person.now += timedelta(days=1)
    return person.start_round()


def miss_all(person):
    """Answer a round of practice wrongly, and close it; return its id and the keys in it."""
    shown = person.start("practice")
    for question in shown.questions:
        person.answer(WRONG, position=question.position)
    person.finish()
    return shown.attempt.id, keys_of(shown)


def open_beside_a_test(person, mode):
    """Begin a round, then a test of all items; return the test's id and a position that waits."""
    shown = begin(person, mode)
    test_id, asked = take_test(person)
    return test_id, next(q.position for q in shown.questions if q.item.key in asked)


def tell(question):
    """Return whatever of a question a learner must not be told during the test."""
    item = question.item
    spoken = [option.feedback_html for option in item.options]
    marks = [option.correct for option in item.options if option.correct is not None]
    texts = [item.solution_html, item.mistakes_html, item.expected_html, *item.hints_html, *spoken]
    return [*marks, *filter(None, texts), *question.feedback_html, *item.offered]


def look(person, position):
    return next(each for each in person.get().questions if each.position == position)


@pytest.mark.parametrize("mode", DRAWN)
def test_a_round_asks_nothing_that_a_running_test_asks(ada, mode):
    _, asked = take_test(ada)
    drawn = keys_of(ada.start(mode))
    assert drawn
    assert not drawn & asked


@pytest.mark.parametrize("mode", DRAWN)
def test_where_nothing_is_left_to_ask_it_is_said_calmly(database, learner, mode):
    ada = make_learner(database, learner, *ITEMS[:10])
    test_id, _ = take_test(ada)
    with pytest.raises(ConflictError, match="once it is finished"):
        ada.start(mode)
    hand_in(ada, test_id)
    assert ada.start(mode).questions


@pytest.mark.parametrize("mode", ROUNDS)
def test_an_open_question_takes_and_tells_nothing_until_the_test_is_handed_in(ada, mode):
    test_id, position = open_beside_a_test(ada, mode)
    stored = count(ada.database)
    refused = [ada.answer(WRONG, position=position), ada.answer(RIGHT, position=position)]
    refused += [ada.hint(1, position=position), ada.reveal(position=position), look(ada, position)]
    assert {(each.notice, each.is_right, each.is_done) for each in refused} == {
        (WITHHELD, None, False)
    }
    assert [tell(each) for each in refused] == [[]] * 5
    assert count(ada.database) == stored

    hand_in(ada, test_id)
    assert look(ada, position).notice == ""
    assert ada.answer(RIGHT, position=position).is_right
    assert count(ada.database) == stored + 1


@pytest.mark.parametrize("mode", ROUNDS)
def test_the_end_of_its_time_frees_what_a_test_asked(ada, mode):
    _, position = open_beside_a_test(ada, mode)
    ada.now += timedelta(seconds=TEST_S - 1)
    assert ada.answer(RIGHT, position=position).notice == WITHHELD
    ada.now += timedelta(seconds=1)
    assert look(ada, position).notice == ""
    assert ada.answer(RIGHT, position=position).is_right


def test_a_new_round_asks_it_again_once_the_time_is_over(ada):
    _, asked = take_test(ada)
    ada.now += timedelta(seconds=TEST_S)
    assert keys_of(ada.start("practice")) & asked


def test_what_is_due_waits_for_the_test(ada):
    _, missed = miss_all(ada)
    ada.now += timedelta(days=1)
    test_id, asked = take_test(ada)
    assert keys_of(ada.start_round()) == missed - asked
    ada.finish()
    hand_in(ada, test_id)
    ada.now += timedelta(days=1)
    assert keys_of(ada.start_round()) & asked


def test_a_retry_leaves_it_out(ada):
    attempt_id, missed = miss_all(ada)
    _, asked = take_test(ada)
    retried = ada.call(resuming.start_retry, attempt_id=attempt_id, seed=1)
    assert keys_of(retried) == missed - asked


def test_what_was_told_before_the_test_stays(ada):
    shown = ada.start("practice")
    done, tried = shown.questions[:2]
    ada.answer(RIGHT, position=done.position)
    ada.answer(WRONG, position=tried.position)
    ada.hint(1, position=tried.position)
    told = tell(look(ada, done.position)), tell(look(ada, tried.position))
    take_test_of(ada, done.item.key, tried.item.key)
    assert (tell(look(ada, done.position)), tell(look(ada, tried.position))) == told


def test_a_clock_that_runs_out_meanwhile_tells_no_answer(ada):
    shown = ada.start("challenge")
    first = shown.questions[0]
    start = {"attempt_id": ada.attempt_id, "position": first.position}
    ada.call(pacing.start_clock, **start)
    test_id = take_test_of(ada, first.item.key)
    ada.now += timedelta(minutes=5)
    late = look(ada, first.position)
    assert (tell(late), late.is_done, late.ran_out) == ([], True, False)
    ada.finish()
    (outcome,) = (q for q in ada.get_result().shown.questions if q.position == first.position)
    assert tell(outcome) == []
    hand_in(ada, test_id)
    assert tell(look(ada, first.position)) != []


def test_no_clock_is_started_for_what_takes_no_answer(ada):
    position = ada.start("challenge").questions[0].position
    test_id = take_test_of(ada, ada.get().questions[0].item.key)
    start = {"attempt_id": ada.attempt_id, "position": position}
    ada.call(pacing.start_clock, **start)
    assert not look(ada, position).is_opened
    hand_in(ada, test_id)
    ada.call(pacing.start_clock, **start)
    assert look(ada, position).is_opened


def test_values_to_fill_in_are_not_offered_meanwhile(database, learner):
    gap = make_item(
        "bank/gap",
        kind=Kind.BLANK,
        modes=("try", "test"),
        options=(),
        blanks=(make_blank("x", right=True, wrong=False, other=False),),
    )
    ada = make_learner(database, learner, gap)
    ada.start("try")
    assert look(ada, 1).item.offered
    test_id, _ = take_test(ada)
    assert look(ada, 1).item.offered == ()
    hand_in(ada, test_id)
    assert ada.answer(Chosen(blanks=(("x", "right"),))).is_right


def test_it_is_the_learners_own_test_that_counts(ada, database, stranger):
    eve = make_learner(database, stranger)
    eve.start("practice")
    take_test(ada)
    assert eve.answer(RIGHT).is_right
    assert ada.start("test").questions[0].notice == ""  # the test itself goes on
    assert ada.answer(RIGHT).notice == ""


def test_what_others_have_met_of_the_same_items_is_not_looked_through(sqlite, ada):
    """Else each page would take the longer the more learners there are."""
    asked = []
    ada.start("practice")
    take_test(ada)

    def note(_connection, _cursor, statement, parameters, *_rest):
        asked.append((statement, parameters))

    event.listen(sqlite.engine, "before_cursor_execute", note)
    try:
        ada.get()
    finally:
        event.remove(sqlite.engine, "before_cursor_execute", note)
    drawn = [one for one in asked if "is_withheld" in one[0]]
    assert drawn
    with sqlite.engine.connect() as connection:
        plans = [
            row
            for statement, parameters in drawn
            for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)
        ]
        met = connection.scalar(text("SELECT count(*) FROM presentation"))
    steps = [row.detail for row in plans if "presentation" in row.detail]
    assert met
    assert steps
    assert all("attempt_id=?" in step for step in steps), steps
