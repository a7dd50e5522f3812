"""In every mode: clicks twice, a second tab, a way back, and a server that stops in the middle.

What was sent is there afterwards, once; what it moved was moved once; and what was begun goes on
where it stood.
"""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from functools import partial

import pytest
from sqlalchemy import select

from quizzer.domain.attempts import Chosen
from quizzer.domain.modes import MODES, Selection, find_mode
from quizzer.domain.showing import STANDS
from quizzer.errors import ConflictError
from quizzer.services import giving_up, pacing, resuming
from quizzer.store import review_cards, skills
from quizzer.store.db import Database
from quizzer.store.help_tables import GivingUpRow
from quizzer.store.tables import AttemptRow, PresentationRow, ResponseRow
from tests.factories import make_card, make_code, make_item, make_lesson, make_library
from tests.store.hands import RIGHT, SHOWN_RIGHT, WRONG, Learner, count, hand_in

ASKING = tuple(mode.name for mode in MODES if mode.selection is not Selection.NONE)
WITH_HINTS = tuple(
    name for name in ASKING if find_mode(name).offers_hints and find_mode(name).gives_points
)
WITH_ANSWERS = tuple(mode.name for mode in MODES if mode.can_reveal)
TOLD_AT_ONCE = tuple(name for name in ASKING if name != "test")
ITEMS = tuple(make_item(f"bank/i{number}", modes=ASKING, tags=("skill",)) for number in range(12))
LESSON = make_lesson(predict=tuple(item.key for item in ITEMS[:3]))
LATER = timedelta(days=40)  # by when all that was answered once is due
PAUSE = timedelta(seconds=7)


@pytest.fixture
def ada(database, learner):
    ada = Learner(database, learner, make_library(*ITEMS, lesson=LESSON))
    yield ada
    ada.database.close()  # another one than the fixture's, where the server was restarted


def prepare(ada, mode):
    """Let something be due, where the mode asks for that; return how an attempt is begun."""
    if mode != "review":
        return lambda: ada.start(mode)
    ada.start("practice")
    for position in range(1, 4):
        ada.answer(RIGHT, position=position)
    ada.finish()
    ada.now += LATER
    return ada.start_round


def begin(ada, mode):
    """Begin an attempt in that mode; return its first question's position."""
    first = prepare(ada, mode)().questions[0].position
    if find_mode(mode).item_time_s is not None:
        ada.call(pacing.start_clock, attempt_id=ada.attempt_id, position=first)
    return first


def restart(ada):
    """Go on with the same file in a process that knows nothing of before."""
    url = str(ada.database.url.render_as_string(hide_password=False))
    ada.database.close()
    ada.database = Database(url)


def look(ada):
    """Return all that is stored of what was sent, and of what it moved."""
    with ada.database.snapshot() as session:
        rows = [
            tuple(session.execute(select(table.__table__).order_by(table.id)).all())
            for table in (AttemptRow, PresentationRow, ResponseRow)
        ]
        beliefs = skills.list_beliefs(session, user_id=ada.user.id)
        cards = review_cards.list_cards(session, user_id=ada.user.id)
    return (*rows, beliefs, cards)


def count_sent(ada):
    """Return how many responses the attempt at hand has."""
    with ada.database.snapshot() as session:
        query = select(ResponseRow.id).where(ResponseRow.attempt_id == ada.attempt_id)
        return len(session.scalars(query).all())


def do_twice(act):
    """Do it in two threads at the same moment; return what each was told."""
    barrier = threading.Barrier(2)

    def click(_number):
        barrier.wait()
        return act()

    with ThreadPoolExecutor(2) as pool:
        return list(pool.map(click, range(2)))


def count_learnt(ada):
    """Return how many tries have moved what is believed of the one skill there is."""
    with ada.database.snapshot() as session:
        return sum(belief.n for belief in skills.list_beliefs(session, user_id=ada.user.id))


@pytest.mark.parametrize("mode", ASKING)
def test_a_double_click_begins_one_attempt(ada, mode):
    start = prepare(ada, mode)
    before = count(ada.database, AttemptRow)
    one, other = do_twice(start)
    assert one == other
    assert count(ada.database, AttemptRow) == before + 1


@pytest.mark.parametrize("mode", ASKING)
def test_a_double_click_is_one_answer_and_moves_all_once(ada, mode):
    first = begin(ada, mode)
    shown = do_twice(lambda: ada.answer(RIGHT, position=first))
    assert count_sent(ada) == 1
    assert [each.chosen for each in shown] == [SHOWN_RIGHT] * 2
    once = look(ada)
    ada.now += PAUSE
    assert ada.answer(RIGHT, position=first).notice == ""  # a third one, late
    assert look(ada) == once


@pytest.mark.parametrize("mode", ASKING)
def test_in_a_second_tab_the_first_answer_stands(ada, mode):
    first = begin(ada, mode)
    ada.answer(WRONG, position=first)
    once = look(ada)
    assert ada.answer(RIGHT, position=first).notice == STANDS
    assert look(ada) == once


@pytest.mark.parametrize("mode", ["practice", "try", "metrics", "visualize"])
def test_an_older_page_gone_back_to_sends_no_further_try(ada, mode):
    first = begin(ada, mode)
    ada.answer(WRONG, position=first)
    ada.answer(RIGHT, position=first, try_no=2)
    once = look(ada)
    assert ada.answer(WRONG, position=first).notice == ""  # the form of the first try, as it was
    assert ada.answer(RIGHT, position=first).notice == STANDS
    assert look(ada) == once


@pytest.mark.parametrize("mode", WITH_HINTS)
def test_a_hint_asked_for_twice_costs_once(ada, mode):
    first = begin(ada, mode)
    do_twice(lambda: ada.hint(1, position=first))
    assert ada.answer(RIGHT, position=first).earned == 0.75


@pytest.mark.parametrize("mode", WITH_ANSWERS)
def test_what_is_given_up_twice_is_missed_once(ada, mode):
    first = begin(ada, mode)
    before = count_learnt(ada)
    do_twice(lambda: ada.reveal(first))
    once = look(ada)
    assert count_learnt(ada) - before == int(find_mode(mode).is_evidence)
    ada.now += PAUSE
    assert ada.reveal(first).is_revealed
    assert look(ada) == once


@pytest.mark.parametrize("mode", WITH_ANSWERS)
def test_an_answer_and_giving_up_at_one_moment_count_once(ada, mode):
    first = begin(ada, mode)
    before = count_learnt(ada)
    acts = [lambda: ada.reveal(first), lambda: ada.answer(WRONG, position=first)]
    with ThreadPoolExecutor(2) as pool:
        told = [tab.exception() for tab in [pool.submit(act) for act in acts]]
    assert told[0] is None
    # Whichever was first: the answer is stored, or refused with the words that it came too late.
    assert count_sent(ada) == (told[1] is None)
    assert told[1] is None or isinstance(told[1], ConflictError)
    assert count_learnt(ada) - before == int(find_mode(mode).is_evidence)


@pytest.mark.parametrize("mode", ASKING)
def test_the_end_sent_twice_is_one_end(ada, mode):
    first = begin(ada, mode)
    ada.answer(RIGHT, position=first)
    scores = [result.score for result in do_twice(ada.finish)]
    assert scores[0] == scores[1]
    once = look(ada)
    ada.now += PAUSE
    ada.finish()
    assert look(ada) == once


@pytest.mark.parametrize("mode", ASKING)
def test_a_restart_in_the_middle_loses_nothing_and_counts_nothing_twice(ada, mode):
    first = begin(ada, mode)
    ada.answer(RIGHT, position=first)
    stored, before = look(ada), ada.get()
    restart(ada)
    assert look(ada) == stored
    assert ada.get() == before
    ada.answer(RIGHT, position=first)  # the page whose answer was lost on its way sends it again
    assert look(ada) == stored
    attempt_id = ada.attempt_id
    shown = ada.start_round() if mode == "review" else ada.start(mode)
    assert shown.attempt.id == attempt_id  # it is gone on with
    assert count_sent(ada) == 1


def test_a_restarted_server_has_let_no_time_of_a_test_stand_still(ada):
    begin(ada, "test")
    ada.call(pacing.set_flag, attempt_id=ada.attempt_id, position=2, is_flagged=True)
    ada.now += timedelta(minutes=5)
    restart(ada)
    shown = ada.get()
    assert shown.seconds_left == 15 * 60
    assert shown.questions[1].is_flagged
    ada.now += timedelta(minutes=15)
    assert not ada.get().is_open


def test_a_server_that_was_away_at_the_end_of_a_test_has_kept_what_was_sent(ada):
    first = begin(ada, "test")
    ada.answer(RIGHT, position=first)
    restart(ada)
    ada.now += timedelta(days=1)
    (left,) = ada.call(resuming.list_open_attempts)
    assert left.is_over
    closed = ada.get().attempt
    assert closed.closed_at == closed.ends_at  # not when somebody looked
    assert closed.score == pytest.approx(1 / 10)
    once = look(ada)
    restart(ada)
    assert ada.get().attempt == closed
    assert look(ada) == once


def test_two_tabs_that_look_at_a_test_whose_time_is_over_close_it_once(ada):
    first = begin(ada, "test")
    ada.answer(RIGHT, position=first)
    ada.now += timedelta(days=1)
    one, other = do_twice(ada.get)
    assert one == other
    assert count_learnt(ada) == 1


def test_a_round_of_the_missed_asked_for_twice_is_one_round(ada):
    first = begin(ada, "test")
    ada.answer(WRONG, position=first)
    ada.finish()
    closed = ada.attempt_id
    one, other = do_twice(lambda: ada.call(resuming.start_retry, attempt_id=closed, seed=1))
    assert one == other
    assert count(ada.database, AttemptRow) == 2


def test_what_a_lesson_has_gained_is_added_once_by_two_tabs(ada):
    begin(ada, "learn")
    more = make_lesson(predict=tuple(item.key for item in ITEMS[:5]))
    ada.library = make_library(*ITEMS, lesson=more)
    one, other = do_twice(lambda: ada.start("learn"))
    assert [question.position for question in one.questions] == [1, 2, 3, 4, 5]
    assert one == other


def test_a_card_turned_and_judged_twice_is_remembered_once(database, learner):
    ada = Learner(database, learner, make_library(make_card(), make_item("bank/plain")))
    ada.start()
    ada.start_round()
    do_twice(ada.reveal)
    do_twice(lambda: ada.answer(Chosen(keys=("forgot",))))
    once = look(ada)
    (card,) = once[-1]
    assert card.memory.lapses == 1
    restart(ada)
    ada.now += PAUSE
    assert ada.answer(Chosen(keys=("knew",))).notice == STANDS
    assert look(ada) == once
    ada.database.close()


def test_code_taken_over_twice_is_one_answer(database, learner):
    ada = Learner(database, learner, make_library(make_code(exercise="lesson/sum", code=None)))
    ada.start()
    hand_in(ada, 1.0, verdict="accepted")
    do_twice(lambda: ada.answer(Chosen()))
    assert (count_sent(ada), count_learnt(ada)) == (1, 1)


def test_a_solution_asked_for_twice_is_given_up_once(ada):
    hand_in(ada, 0.5)
    act = partial(ada.call, giving_up.give_up, exercises={"lesson/sum"}, exercise_key="lesson/sum")
    do_twice(act)
    ada.now += PAUSE
    act()
    assert count(ada.database, GivingUpRow) == 1


def test_a_restarted_server_has_let_no_clock_of_a_challenge_stand_still(ada):
    first = begin(ada, "challenge")
    item_s = find_mode("challenge").item_time_s
    ada.now += timedelta(seconds=item_s - 20)
    restart(ada)
    ada.call(pacing.start_clock, attempt_id=ada.attempt_id, position=first)
    assert ada.get().questions[0].seconds_left == 20
    ada.now += timedelta(seconds=60)
    ada.answer(RIGHT, position=first)
    with ada.database.snapshot() as session:
        assert session.scalars(select(ResponseRow.score)).all() == [0.0]
    assert count(ada.database) == 1


@pytest.mark.parametrize("mode", TOLD_AT_ONCE)
def test_an_answer_that_could_not_be_stored_has_moved_nothing(ada, mode, monkeypatch):
    """The process dies between the answer and what it moves: both are there, or neither."""
    first = begin(ada, mode)
    before = look(ada)

    def die(*_values, **_named):
        raise SystemExit

    with monkeypatch.context() as patch:
        patch.setattr("quizzer.services.answering.sittings.show_at", die)
        with pytest.raises(SystemExit):
            ada.answer(RIGHT, position=first)
    restart(ada)
    assert look(ada) == before
    ada.answer(RIGHT, position=first)
    assert count_sent(ada) == 1
