"""Answer once, stored once: practice and learn against a real database."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from quizzer.domain.attempts import Chosen
from quizzer.domain.items import Kind
from quizzer.domain.revisions import describe_item
from quizzer.domain.showing import STANDS
from quizzer.errors import ConflictError, InvalidResponseError, NotFoundError
from quizzer.services.learning import Walk, look_at_walk
from quizzer.store import attempts, skills
from quizzer.store.item_tables import ItemRevisionRow
from quizzer.store.tables import AttemptRow, PresentationRow, ResponseRow
from tests.factories import NOON, make_blank, make_item, make_lesson, make_library, make_option
from tests.store.hands import RIGHT, SHOWN_RIGHT, SHOWN_WRONG, WRONG, Learner, count

SINGLE = make_item("bank/single")
NUMBER = make_item("bank/number", kind=Kind.NUMERIC, options=(make_option(value="0.25"),))
BLANK = make_item("bank/blank", kind=Kind.BLANK, blanks=(make_blank("x"), make_blank("y")))


@pytest.fixture
def ada(database, learner):
    return Learner(database, learner, make_library(SINGLE))


@pytest.fixture
def eve(database, stranger):
    return Learner(database, stranger, make_library(SINGLE))


def get_belief(database, user):
    with database.snapshot() as session:
        return next(iter(skills.list_beliefs(session, user_id=user.id)), None)


# -- the usual way


def test_a_right_answer_is_stored_earns_all_and_shows_the_key(ada):
    ada.start()
    shown = ada.answer(RIGHT)
    assert (shown.is_right, shown.is_done, shown.earned, shown.next_try) == (True, True, 1.0, 2)
    assert shown.item.solution_html == "<p>SOLUTION</p>"
    assert ada.get().earned == 1.0


def test_tries_and_hints_cost_and_a_further_try_takes_nothing_back(ada):
    ada.start()
    assert ada.answer(WRONG).earned == 0.0
    assert ada.hint(1).item.hints_html == ("<p>HINT-1</p>",)
    shown = ada.answer(RIGHT, try_no=2)
    assert (shown.earned, shown.is_done) == (0.25, True)


def test_what_was_sent_comes_back_as_it_was_sent(database, learner):
    library = make_library(SINGLE, NUMBER, BLANK)
    ada = Learner(database, learner, library)
    sent = {
        "bank/single": WRONG,
        "bank/number": Chosen(text="0.5"),
        "bank/blank": Chosen(blanks=(("x", "eval"), ("y", "“é”"))),
    }
    for question in ada.start().questions:
        ada.answer(sent[question.item.key], position=question.position)
    assert {q.item.key: q.chosen for q in ada.get().questions} == {
        **sent,
        "bank/single": SHOWN_WRONG,
    }


def test_every_try_is_kept_with_its_moment_its_hints_and_how_sure_the_learner_was(ada):
    ada.start()
    ada.now += timedelta(seconds=90)
    ada.answer(WRONG, confidence=80)
    ada.hint(2)
    ada.now += timedelta(seconds=1.5)
    ada.answer(RIGHT, try_no=2)
    with ada.database.snapshot() as session:
        rows = session.scalars(select(ResponseRow).order_by(ResponseRow.try_no)).all()
    kept = [(r.try_no, r.score, r.hint_count, r.confidence, r.elapsed_ms, r.at) for r in rows]
    assert kept == [
        (1, 0.0, 0, 80, 90_000, NOON + timedelta(seconds=90)),
        (2, 1.0, 2, None, 1_500, ada.now),
    ]


def test_the_order_of_options_is_drawn_once_and_kept(ada):
    first = ada.start(seed=1)
    again = ada.start(seed=2)
    assert again.attempt == first.attempt
    assert [o.key for o in again.questions[0].item.options] == [
        o.key for o in first.questions[0].item.options
    ]


def test_the_revision_that_was_shown_is_kept_once_with_its_text(ada, eve):
    ada.start()
    eve.start()
    with ada.database.snapshot() as session:
        row = session.scalars(select(ItemRevisionRow)).one()
    assert (row.item_key, row.revision, row.kind) == (SINGLE.key, SINGLE.revision, "single")
    assert "STEM-single" in row.text
    assert "- [x] `key: a`" in row.text


# -- once


def test_the_same_try_sent_again_changes_nothing(ada):
    ada.start()
    first = ada.answer(WRONG)
    belief = get_belief(ada.database, ada.user)
    assert ada.answer(WRONG) == first
    # Another tab, the same try: what is stored stands, and that is said.
    assert ada.answer(RIGHT) == replace(first, notice=STANDS)
    assert count(ada.database) == 1
    assert get_belief(ada.database, ada.user) == belief


def test_an_answer_sent_again_after_the_end_is_the_stored_one(ada):
    ada.start()
    ada.answer(RIGHT)
    ada.finish()
    assert ada.answer(WRONG).chosen == SHOWN_RIGHT
    assert count(ada.database) == 1


@pytest.mark.parametrize("_round", range(5))
def test_two_clicks_at_once_store_one_response(ada, _round):
    ada.start()
    barrier = threading.Barrier(2)

    def click(chosen):
        barrier.wait()
        return ada.answer(chosen)

    with ThreadPoolExecutor(2) as pool:
        shown = list(pool.map(click, (RIGHT, WRONG)))
    assert count(ada.database) == 1
    assert shown[0].chosen == shown[1].chosen
    assert get_belief(ada.database, ada.user).n == 1


def test_two_starts_at_once_make_one_attempt(ada):
    barrier = threading.Barrier(2)

    def click(seed):
        barrier.wait()
        return ada.start(seed=seed).attempt.id

    with ThreadPoolExecutor(2) as pool:
        assert len(set(pool.map(click, (1, 2)))) == 1
    assert count(ada.database, AttemptRow) == 1
    assert count(ada.database, PresentationRow) == 1


def test_a_hint_asked_for_twice_costs_once(ada):
    ada.start()
    ada.hint(1)
    assert ada.hint(1).item.hints_html == ("<p>HINT-1</p>",)
    assert ada.answer(RIGHT).earned == 0.75


def test_giving_up_twice_is_giving_up_once(ada):
    ada.start()
    shown = ada.reveal()
    assert (shown.is_done, shown.is_revealed, shown.earned) == (True, True, 0.0)
    assert shown.item.solution_html
    assert ada.reveal() == shown
    assert get_belief(ada.database, ada.user).n == 1


def test_giving_up_after_a_try_is_no_second_piece_of_evidence(ada):
    ada.start()
    ada.answer(WRONG)
    belief = get_belief(ada.database, ada.user)
    assert ada.reveal().item.solution_html
    assert get_belief(ada.database, ada.user) == belief


# -- what is refused, and nothing of it stored


@pytest.mark.parametrize(
    ("chosen", "try_no", "confidence"),
    [
        (Chosen(keys=("zzz",)), 1, None),
        (Chosen(keys=("a", "b")), 1, None),
        (Chosen(), 1, None),
        (Chosen(text="a"), 1, None),
        (Chosen(text="x" * 100_000), 1, None),
        (RIGHT, 2, None),
        (RIGHT, 0, None),
        (RIGHT, -1, None),
        (RIGHT, 10**9, None),
        (RIGHT, 1, 101),
        (RIGHT, 1, -1),
    ],
)
def test_a_form_that_does_not_fit_is_refused(ada, chosen, try_no, confidence):
    ada.start()
    with pytest.raises(InvalidResponseError):
        ada.answer(chosen, try_no=try_no, confidence=confidence)
    assert count(ada.database) == 0
    assert get_belief(ada.database, ada.user) is None


def test_somebody_elses_attempt_is_not_found(ada, eve):
    ada.start()
    eve.attempt_id = ada.attempt_id
    for use in (eve.answer, eve.get, eve.finish, eve.reveal, lambda: eve.hint(1)):
        with pytest.raises(NotFoundError):
            use()
    assert count(ada.database) == 0
    assert ada.get().is_open


@pytest.mark.parametrize("position", [0, 2, -1, 10**12])
def test_a_question_that_is_not_there_is_not_found(ada, position):
    ada.start()
    for use in (lambda: ada.answer(position=position), lambda: ada.hint(1, position=position)):
        with pytest.raises(NotFoundError):
            use()


@pytest.mark.parametrize("hint_no", [0, 3, -1])
def test_a_hint_that_is_not_there_is_not_found(ada, hint_no):
    ada.start()
    with pytest.raises(NotFoundError):
        ada.hint(hint_no)


def test_a_question_that_is_done_takes_no_further_try(ada):
    ada.start()
    ada.answer(RIGHT)
    with pytest.raises(ConflictError):
        ada.answer(WRONG, try_no=2)
    with pytest.raises(ConflictError):
        ada.hint(1)
    assert count(ada.database) == 1
    assert ada.get().earned == 1.0


def test_a_closed_attempt_takes_nothing(ada):
    ada.start()
    ada.finish()
    for use in (ada.answer, ada.reveal, lambda: ada.hint(1)):
        with pytest.raises(ConflictError):
            use()
    assert count(ada.database) == 0


@pytest.mark.parametrize(
    ("mode", "lesson"),
    [("why", "lesson"), ("nonsense", "lesson"), ("practice", "nowhere"), ("learn", "lesson")],
)
def test_what_has_no_questions_cannot_be_started(ada, mode, lesson):
    with pytest.raises(NotFoundError):
        ada.start(mode, lesson)
    assert count(ada.database, AttemptRow) == 0


def test_nobody_cannot_start(database, learner):
    nobody = Learner(database, learner, make_library(SINGLE))
    nobody.user = type("Nobody", (), {"id": 999})
    with pytest.raises(NotFoundError):
        nobody.start()


# -- going on, and starting anew


def test_a_practice_that_is_done_makes_room_for_the_next(ada):
    first = ada.start().attempt.id
    ada.answer(RIGHT)
    assert ada.start().attempt.id != first
    assert ada.get().answered == 0


def test_practice_brings_back_what_was_not_mastered(database, learner):
    items = [make_item(f"bank/i{number}") for number in range(12)]
    ada = Learner(database, learner, make_library(*items))
    for question in ada.start().questions:
        chosen = WRONG if question.position == 4 else RIGHT
        missed = ada.answer(chosen, position=question.position).item.key
        ada.reveal(question.position)
        if chosen is WRONG:
            wanted = missed
    keys = [question.item.key for question in ada.start(seed=2).questions]
    assert wanted in keys[:3]  # it and the two not seen yet


# -- learn


WALK = ("bank/p1", "bank/p2", "bank/m1")


def make_walk():
    items = [make_item(f"bank/{name}", modes=()) for name in ("p1", "p2", "m1", "m2")]
    lesson = make_lesson(predict=("bank/p1", "bank/p2"), myths=("bank/m1",))
    return make_library(*items, lesson=lesson)


def get_learning(ada):
    return ada.look(look_at_walk, lesson="lesson", keys=WALK)


def test_learning_is_empty_before_it_begins_and_then_in_the_order_of_the_lesson(ada):
    ada.library = make_walk()
    assert get_learning(ada) == Walk(questions={})
    ada.start("learn")
    walk = get_learning(ada)
    assert walk.answered == frozenset()
    assert [walk.questions[key].position for key in WALK] == [1, 2, 3]


def test_a_prediction_is_one_try_told_at_once_and_no_mark(ada):
    ada.library = make_walk()
    ada.start("learn")
    shown = ada.answer(WRONG)
    assert (shown.is_right, shown.is_done, shown.earned) == (False, True, None)
    walk = get_learning(ada)
    assert (walk.questions["bank/p1"], walk.answered) == (shown, {"bank/p1"})
    (only,) = ada.look(look_at_walk, lesson="lesson", keys=["bank/m1", "bank/gone"]).questions
    assert only == "bank/m1"  # what a page does not ask for is not made ready
    with pytest.raises(ConflictError):
        ada.answer(RIGHT, try_no=2)
    assert get_belief(ada.database, ada.user) is None


def test_a_walk_gets_the_questions_that_its_lesson_has_gained(ada):
    ada.library = make_walk()
    first = ada.start("learn")
    ada.answer(RIGHT)
    lesson = make_lesson(predict=("bank/p1", "bank/p2"), myths=("bank/m2", "bank/m1", "bank/gone"))
    ada.library = make_library(*ada.library.items.values(), lesson=lesson)
    again = ada.start("learn")
    assert again.attempt.id == first.attempt.id
    assert [q.item.key for q in again.questions] == ["bank/p1", "bank/p2", "bank/m1", "bank/m2"]
    assert again.questions[0].is_right


def test_two_who_see_an_item_first_at_the_same_time_keep_it_once(database):
    revision = describe_item(SINGLE)
    errors = []

    def see():
        try:
            with database.transaction() as session:
                attempts.record_item_revisions(session, [revision], now=NOON)
        except IntegrityError as error:
            errors.append(error)

    other = threading.Thread(target=see)
    with database.transaction() as session:
        attempts.record_item_revisions(session, [revision, revision], now=NOON)
        other.start()
        other.join(0.3)  # it waits until this one has committed
    other.join(20)
    assert errors == []
    assert count(database, ItemRevisionRow) == 1
