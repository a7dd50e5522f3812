"""In every mode: clicks twice, a second tab, a way back, and a server that stops in the middle.

What was sent is there afterwards, once; what it moved was moved once; and what was begun goes on
where it stood.
"""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import select

from quizzer.domain.modes import MODES, Selection, find_mode
from quizzer.domain.showing import STANDS
from quizzer.services import pacing, resuming
from quizzer.store import review_cards, skills
from quizzer.store.db import Database
from quizzer.store.tables import AttemptRow, PresentationRow, ResponseRow
from tests.factories import make_item, make_lesson, make_library
from tests.store.hands import RIGHT, WRONG, Learner, count

ASKING = tuple(mode.name for mode in MODES if mode.selection is not Selection.NONE)
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


def begin(ada, mode):
    """Begin an attempt in that mode; return its first question's position."""
    if mode == "review":
        ada.start("practice")
        for position in range(1, 4):
            ada.answer(RIGHT, position=position)
        ada.finish()
        ada.now += LATER
        shown = ada.start_round()
    else:
        shown = ada.start(mode)
    first = shown.questions[0].position
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


@pytest.mark.parametrize("mode", ASKING)
def test_a_double_click_is_one_answer_and_moves_all_once(ada, mode):
    first = begin(ada, mode)
    shown = do_twice(lambda: ada.answer(RIGHT, position=first))
    assert count_sent(ada) == 1
    assert [each.chosen for each in shown] == [RIGHT, RIGHT]
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
