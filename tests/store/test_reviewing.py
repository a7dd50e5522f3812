"""Spaced review on a real database: what makes and moves cards, once, and what is due when."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from types import SimpleNamespace

import pytest
from sqlalchemy import select

from quizzer.domain.attempts import Chosen, Response
from quizzer.domain.items import Kind
from quizzer.domain.modes import find_mode
from quizzer.domain.reviews import NEW_A_DAY, CardKind
from quizzer.domain.spacing import SOON, Rating, review
from quizzer.errors import NotFoundError
from quizzer.services import answering, hinting, remembering, reviewing
from quizzer.services.giving_up import open_solution
from quizzer.store import attempts, review_cards
from quizzer.store.help_tables import OpenedHintRow
from quizzer.store.tables import AttemptRow
from tests.factories import (
    NOON,
    make_card,
    make_code,
    make_item,
    make_lesson,
    make_library,
    make_variants,
)
from tests.store.hands import RIGHT, WRONG, Learner, count, grade, hand_in

ITEM = make_item("bank/item")
OTHER = make_item("bank/other", tags=("second",))
CARD = make_card("bank/card")
DAY = timedelta(days=1)
WITH_HINTS = SimpleNamespace(key="lesson/sum", hints=("One.", "Two."))
KNEW, FORGOT = Chosen(keys=("knew",)), Chosen(keys=("forgot",))


class Reviewer(Learner):
    """A learner who reviews as well."""

    exercises: tuple[str, ...] = ("lesson/sum",)

    def get_queue(self):
        with self.database.snapshot() as session:
            return reviewing.get_queue(
                session, self.library, self.exercises, user_id=self.user.id, now=self.now
            )

    def list_due(self):
        return sorted(one.item.key for one in self.get_queue().items)

    def list_cards(self):
        with self.database.snapshot() as session:
            return {
                card.key: card for card in review_cards.list_cards(session, user_id=self.user.id)
            }

    def open_hint(self, hint_no):
        with self.database.transaction() as session:
            hinting.open_hint(
                session, WITH_HINTS, user_id=self.user.id, hint_no=hint_no, now=self.now
            )

    def count_hints(self):
        with self.database.snapshot() as session:
            return hinting.find_open(
                session, user_id=self.user.id, exercise_key="lesson/sum", now=self.now
            )

    def get_memory(self, key="bank/item"):
        return self.list_cards()[key].memory


@pytest.fixture
def ada(database, learner):
    return Reviewer(database, learner, make_library(ITEM))


def make_reviewer(database, learner, *items, **changes):
    return Reviewer(database, learner, make_library(*items, **changes))


# -- what makes and moves a card


def test_a_right_answer_comes_back_after_days_and_a_wrong_one_in_minutes(database, learner):
    ada = make_reviewer(database, learner, ITEM, OTHER)
    positions = {q.item.key: q.position for q in ada.start().questions}
    ada.answer(RIGHT, position=positions["bank/item"])
    ada.answer(WRONG, position=positions["bank/other"])
    assert ada.get_memory("bank/item").due >= NOON + DAY
    assert ada.get_memory("bank/other").due == NOON + SOON
    assert ada.list_due() == []
    ada.now += SOON
    assert ada.list_due() == ["bank/other"]


def test_the_first_try_alone_is_remembered(ada):
    ada.start()
    ada.answer(WRONG)
    missed = ada.get_memory()
    ada.now += timedelta(minutes=2)
    ada.answer(RIGHT, try_no=2)
    assert ada.get_memory() == missed


def test_what_was_right_after_a_hint_comes_back_sooner(ada):
    ada.start()
    ada.hint(1)
    ada.answer(RIGHT)
    assert ada.get_memory().due < NOON + DAY


def test_giving_up_is_forgetting(ada):
    ada.start()
    ada.reveal()
    missed = ada.get_memory()
    assert (missed.due, missed.lapses) == (NOON + SOON, 1)
    ada.now += timedelta(minutes=1)
    ada.reveal()
    assert ada.get_memory() == missed


def test_giving_up_after_a_wrong_try_forgets_no_second_time(ada):
    ada.start()
    ada.answer(WRONG)
    ada.now += timedelta(minutes=1)
    ada.reveal()
    assert ada.get_memory().lapses == 1


def test_a_test_is_remembered_when_it_is_closed_and_from_when_it_was_answered(ada):
    ada.start("test")
    ada.now += timedelta(minutes=3)
    ada.answer(RIGHT)
    assert ada.list_cards() == {}
    ada.now += timedelta(minutes=1)
    ada.finish()
    assert ada.get_memory().reviewed_at == NOON + timedelta(minutes=3)


def test_a_test_that_is_closed_late_moves_no_card_back(ada):
    ada.start("test")
    test_id = ada.attempt_id
    ada.answer(WRONG)
    ada.now += timedelta(minutes=25)  # its time is over, and nobody has looked
    ada.start("practice")
    ada.answer(RIGHT)
    known = ada.get_memory()
    ada.now += DAY
    ada.attempt_id = test_id
    ada.get()
    with ada.database.snapshot() as session:
        assert session.scalar(select(AttemptRow.closed_at).where(AttemptRow.id == test_id))
    assert ada.get_memory() == known


@pytest.mark.parametrize(
    ("chosen", "confidence"), [(RIGHT, 95), (WRONG, 70), (WRONG, None), (RIGHT, None)]
)
def test_a_prediction_makes_no_card(database, learner, chosen, confidence):
    ada = make_reviewer(database, learner, ITEM, lesson=make_lesson(predict=("bank/item",)))
    ada.start("learn")
    ada.answer(chosen, confidence=confidence)
    assert ada.list_cards() == {}


def test_a_prediction_that_was_wrong_for_sure_is_asked_at_once_and_first(database, learner):
    lesson = make_lesson(predict=("bank/item",))
    ada = make_reviewer(database, learner, ITEM, OTHER, lesson=lesson)
    for question in ada.start().questions:
        if question.item.key == "bank/other":
            ada.answer(WRONG, position=question.position)
    ada.now += SOON
    assert ada.list_due() == ["bank/other"]
    ada.start("learn")
    ada.answer(WRONG, confidence=95)
    assert (ada.get_queue().due, ada.get_queue().confident_errors) == (2, 1)
    assert [each.item.key for each in ada.start_round().questions] == ["bank/item", "bank/other"]
    ada.now += timedelta(minutes=1)
    ada.answer(RIGHT)
    assert ada.get_memory().due > ada.now


def test_a_prediction_that_review_cannot_ask_makes_no_card(database, learner):
    waiting = make_variants("bank/item", draws=())
    assert waiting.waits_for_draws
    response = Response(
        position=1,
        try_no=1,
        chosen=Chosen(text="1"),
        score=0.0,
        earned=0.0,
        hint_count=0,
        at=NOON,
        confidence=95,
        elapsed_ms=0,
    )
    with database.transaction() as session:
        remembering.remember_try(
            session,
            user_id=learner.id,
            mode=find_mode("learn"),
            item=waiting,
            response=response,
        )
        assert review_cards.list_cards(session, user_id=learner.id) == ()


def test_code_is_remembered_by_its_exercise_alone(database, learner):
    ada = make_reviewer(database, learner, make_code("bank/code"))
    ada.start()
    ada.reveal()
    assert ada.list_cards() == {}


# -- once


def test_the_same_try_sent_again_moves_no_card(ada):
    ada.start()
    ada.answer(WRONG)
    before = ada.list_cards()
    ada.now += timedelta(hours=1)
    ada.answer(WRONG)
    ada.answer(RIGHT)  # another tab: the first answer stands
    assert ada.list_cards() == before


def test_two_tabs_at_once_move_a_card_once(ada):
    ada.start()
    ada.answer(WRONG)
    once = ada.get_memory()
    ada.now += SOON
    ada.start_round()
    with ThreadPoolExecutor(2) as tabs:
        list(tabs.map(lambda _: ada.answer(WRONG), range(2)))
    assert ada.get_memory().lapses == once.lapses + 1


def test_a_response_told_of_again_moves_no_card(ada):
    ada.start()
    ada.answer(WRONG)
    before = ada.list_cards()
    with ada.database.transaction() as session:
        stored = attempts.list_responses(session, attempt_ids=[ada.attempt_id])[ada.attempt_id][0]
        attempt = attempts.get_attempt(session, attempt_id=ada.attempt_id, user_id=ada.user.id)
        remembering.remember_try(
            session, user_id=ada.user.id, mode=attempt.policy, item=ITEM, response=stored
        )
    assert ada.list_cards() == before


def test_two_tabs_begin_one_round(ada):
    ada.start()
    ada.answer(WRONG)
    ada.now += SOON
    with ThreadPoolExecutor(2) as tabs:
        begun = list(tabs.map(lambda seed: ada.start_round(seed).attempt.id, (1, 2)))
    assert begun[0] == begun[1]


# -- the queue


def test_what_is_due_in_the_evening_is_due_from_the_morning_on(ada):
    ada.now = NOON + timedelta(hours=6)
    ada.start()
    ada.answer(RIGHT)
    due = ada.get_memory().due
    ada.now = due - timedelta(hours=19)  # just before midnight
    assert ada.list_due() == []
    ada.now = due - timedelta(hours=15)
    assert ada.list_due() == ["bank/item"]
    ada.start_round()
    ada.answer(RIGHT)
    assert ada.get_memory().due - ada.now > due - NOON - timedelta(hours=6)


def test_what_is_known_each_time_comes_back_ever_later_over_the_days(ada):
    ada.start()
    ada.answer(RIGHT)
    gaps = []
    for _ in range(4):
        memory = ada.get_memory()
        gaps.append(memory.due - memory.reviewed_at)
        ada.now = memory.due - timedelta(hours=1)
        assert ada.get_queue().due == 1
        ada.start_round()
        ada.answer(RIGHT)
        assert ada.get_queue().due == 0
    assert gaps == sorted(gaps)
    assert gaps[-1] > timedelta(days=60)


def test_cards_arise_once_their_lesson_is_begun_ten_a_day(database, learner):
    cards = [make_card(f"bank/card-{number:02}") for number in range(25)]
    lesson = make_lesson(predict=("bank/item",))
    ada = make_reviewer(database, learner, ITEM, *cards, lesson=lesson)
    assert ada.get_queue().due == 0
    ada.start("learn")
    assert (ada.get_queue().due, ada.get_queue().new) == (NEW_A_DAY, NEW_A_DAY)
    for question in ada.start_round().questions:
        ada.reveal(question.position)
        ada.answer(KNEW, position=question.position)
    assert ada.get_queue().due == 0
    assert ada.start_round() is None
    ada.now += timedelta(hours=12)  # the next day
    assert ada.get_queue().new == NEW_A_DAY


def test_a_card_that_is_turned_and_left_was_not_forgotten(database, learner):
    ada = make_reviewer(database, learner, ITEM, CARD)
    ada.start()
    ada.start_round()
    ada.reveal()
    assert ada.list_cards() == {}
    ada.answer(FORGOT)
    assert ada.get_memory("bank/card").lapses == 1


def test_a_confident_error_is_asked_first(database, learner):
    items = [make_item(f"bank/{name}", tags=(name,)) for name in "abc"]
    ada = make_reviewer(database, learner, *items)
    for question in ada.start().questions:
        ada.answer(WRONG, position=question.position)
    ada.now += SOON
    for question in ada.start_round().questions:
        sure = 95 if question.item.key == "bank/c" else 35
        ada.answer(WRONG, position=question.position, confidence=sure)
    ada.now += timedelta(hours=1)
    assert ada.get_queue().confident_errors == 1
    assert ada.start_round().questions[0].item.key == "bank/c"


def test_a_round_is_gone_on_with_today_and_drawn_anew_tomorrow(database, learner):
    ada = make_reviewer(database, learner, ITEM, OTHER)
    for question in ada.start().questions:
        ada.answer(WRONG, position=question.position)
    ada.now += SOON
    first = ada.start_round()
    assert ada.start_round().attempt.id == first.attempt.id
    ada.answer(RIGHT, position=1)
    known, missed = (q.item.key for q in first.questions)
    assert ada.get_memory(known).due > ada.now
    ada.now += DAY
    again = ada.start_round()
    assert again.attempt.id != first.attempt.id
    assert missed in [q.item.key for q in again.questions]
    with database.snapshot() as session:
        is_closed = select(AttemptRow.closed_at).where(AttemptRow.id == first.attempt.id)
        assert session.scalar(is_closed) is not None


def test_what_was_withdrawn_is_due_no_more(ada):
    ada.start()
    ada.answer(WRONG)
    ada.now += SOON
    assert ada.get_queue().due == 1
    ada.library = make_library(OTHER)
    assert (ada.get_queue().due, ada.start_round()) == (0, None)


def test_the_queue_tells_what_comes_later(database, learner):
    ada = make_reviewer(database, learner, ITEM, OTHER)
    positions = {q.item.key: q.position for q in ada.start().questions}
    ada.answer(RIGHT, position=positions["bank/item"])
    ada.answer(WRONG, position=positions["bank/other"])
    queue = ada.get_queue()
    assert (queue.due, queue.later_today, queue.next_at) == (0, 1, NOON + SOON)
    days = (ada.get_memory("bank/item").due.date(), 1)
    assert (queue.ahead, queue.total) == ((days,), 2)


def test_one_learner_has_nothing_of_another(database, learner, stranger):
    ada = make_reviewer(database, learner, ITEM, CARD)
    ada.start()
    ada.answer(WRONG)
    eve = Reviewer(database, stranger, ada.library)
    eve.now += DAY
    assert (eve.get_queue().due, eve.start_round(), eve.list_cards()) == (0, None, {})


# -- exercises


def test_a_graded_exercise_comes_back_on_another_day(ada):
    hand_in(ada, 1.0, verdict="accepted")
    memory = ada.get_memory("lesson/sum")
    assert (memory.due >= NOON + DAY, memory.lapses) == (True, 0)
    assert ada.get_queue().exercises == ()
    ada.now = memory.due
    assert ada.get_queue().exercises == ("lesson/sum",)
    assert ada.get_queue().due == 1
    assert ada.start_round() is None  # code is written in its editor


def test_one_that_was_not_solved_comes_back_tomorrow_not_while_it_is_worked_on(ada):
    hand_in(ada, 0.5)
    ada.now += timedelta(hours=2)
    assert ada.get_queue().exercises == ()
    ada.now += timedelta(hours=10)
    assert ada.get_queue().exercises == ("lesson/sum",)


def stability_after(ada, *scores, hint_no=0, hint_at=None):
    """Hand these in, five minutes apart; return the memory of the exercise then."""
    for number, score in enumerate(scores):
        if hint_no and number == hint_at:
            ada.open_hint(hint_no)
            ada.now += timedelta(minutes=1)
        hand_in(ada, score, number=number)
        ada.now += timedelta(minutes=5)
    return ada.get_memory("lesson/sum")


FIRST_RATING = {rating: review(None, rating, at=NOON) for rating in Rating}


@pytest.mark.parametrize(
    ("scores", "hint_at", "rating"),
    [
        ((1.0,), None, Rating.GOOD),
        ((1.0, 0.0, 0.5), None, Rating.GOOD),  # what is tried out afterwards takes nothing away
        ((1.0, 1.0), 1, Rating.GOOD),  # nor does a hint that is read afterwards
        ((1.0,), 0, Rating.HARD),
        ((0.5, 0.0, 1.0), None, Rating.HARD),
        ((0.0, 1.0), 1, Rating.HARD),
        ((0.5, 0.99), None, Rating.AGAIN),
        ((0.0,), 0, Rating.AGAIN),
    ],
)
def test_of_one_day_the_first_submission_decides(ada, scores, hint_at, rating):
    memory = stability_after(ada, *scores, hint_no=1, hint_at=hint_at)
    expected = FIRST_RATING[rating]
    assert (memory.stability, memory.lapses) == (expected.stability, expected.lapses)


def test_a_hint_is_open_until_the_exercise_is_solved_and_another_day_has_come(ada):
    assert ada.count_hints() == 0
    ada.open_hint(1)
    ada.open_hint(1)
    assert (ada.count_hints(), count(ada.database, OpenedHintRow)) == (1, 1)
    hand_in(ada, 0.5)
    ada.now += DAY
    ada.open_hint(2)
    assert ada.count_hints() == 2
    hand_in(ada, 1.0, number=2)
    assert ada.count_hints() == 2
    before = ada.get_memory("lesson/sum")
    ada.now += 3 * DAY
    assert ada.count_hints() == 0
    hand_in(ada, 1.0, number=3)
    known = review(before, Rating.GOOD, at=ada.now, is_its_day=True)
    assert ada.get_memory("lesson/sum").stability == known.stability
    with pytest.raises(NotFoundError):
        ada.open_hint(3)


def test_a_submission_graded_twice_moves_its_card_once(ada):
    run_id = hand_in(ada, 0.5)
    before = ada.list_cards()
    ada.now += 3 * DAY
    with ada.database.transaction() as session:
        remembering.remember_submission(session, run_id=run_id)
        submission_id = review_cards.list_graded(
            session, user_id=ada.user.id, exercise="lesson/sum"
        )[0].submission_id
    grade(ada, submission_id, 0.5)
    assert ada.list_cards() == before


def test_a_regrade_corrects_what_was_remembered(ada):
    hand_in(ada, 0.5)
    with ada.database.snapshot() as session:
        graded = review_cards.list_graded(session, user_id=ada.user.id, exercise="lesson/sum")
    grade(ada, graded[0].submission_id, 1.0, verdict="accepted")
    assert ada.get_memory("lesson/sum").lapses == 0


def test_what_was_no_fault_of_the_learner_is_not_remembered(ada):
    hand_in(ada, 0.0, verdict="author_error")
    assert ada.list_cards() == {}


def test_what_was_handed_in_beside_the_solution_is_not_remembered(ada):
    hand_in(ada, 0.5)
    before = ada.list_cards()
    with ada.database.transaction() as session:
        open_solution(session, user_id=ada.user.id, exercise_key="lesson/sum", now=ada.now)
    ada.now += timedelta(minutes=1)
    hand_in(ada, 1.0, number=2, verdict="accepted")
    assert ada.list_cards() == before


def test_a_card_goes_when_a_regrade_finds_that_nothing_was_the_learners_doing(ada):
    hand_in(ada, 0.0)
    with ada.database.snapshot() as session:
        (graded,) = review_cards.list_graded(session, user_id=ada.user.id, exercise="lesson/sum")
    grade(ada, graded.submission_id, 0.0, verdict="author_error")
    assert ada.list_cards() == {}


def test_days_of_work_at_one_exercise_put_it_off_ever_longer(ada):
    gaps = []
    for number in range(3):
        hand_in(ada, 1.0, number=number, verdict="accepted")
        memory = ada.get_memory("lesson/sum")
        gaps.append(memory.due - ada.now)
        ada.now = memory.due - timedelta(hours=6)
    assert gaps == sorted(gaps)
    assert gaps[-1] > 3 * gaps[0]


def test_an_item_and_an_exercise_of_one_key_are_two_cards(database, learner):
    ada = make_reviewer(database, learner, make_item("lesson/sum"))
    ada.start()
    ada.answer(RIGHT)
    hand_in(ada, 1.0, verdict="accepted")
    with database.snapshot() as session:
        cards = review_cards.list_cards(session, user_id=learner.id)
    assert {card.kind for card in cards} == {CardKind.ITEM, CardKind.EXERCISE}


# -- calibration


def test_calibration_counts_first_tries_with_a_confidence(database, learner):
    items = [make_item(f"bank/{name}") for name in "abcd"]
    lesson = make_lesson(predict=tuple(item.key for item in items))
    ada = make_reviewer(database, learner, *items, lesson=lesson)
    with database.snapshot() as session:
        assert reviewing.get_calibration(session, user_id=learner.id) is None
    ada.start("learn")
    ada.answer(RIGHT, position=1, confidence=95)
    ada.answer(WRONG, position=2, confidence=95)
    ada.answer(RIGHT, position=3, confidence=35)
    ada.answer(RIGHT, position=4)
    with database.snapshot() as session:
        found = reviewing.get_calibration(session, user_id=learner.id)
    assert found.n == 3
    assert found.brier == pytest.approx((0.05**2 + 0.95**2 + 0.65**2) / 3)
    assert [(point.confidence, point.n, point.share) for point in found.points] == [
        (35, 1, 1.0),
        (95, 2, 0.5),
    ]


def test_an_item_that_changed_keeps_its_card(ada):
    ada.start()
    ada.answer(WRONG)
    ada.now += SOON
    ada.library = make_library(replace(ITEM, revision="other", kind=Kind.SINGLE))
    assert ada.start_round().questions[0].item.key == "bank/item"
    assert ada.call(answering.finish, attempt_id=ada.attempt_id).shown.is_open is False
