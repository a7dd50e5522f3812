"""The kinds that are more than options and typed text, through the database and back."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from sqlalchemy import update

from quizzer.domain.attempts import Chosen, Graded
from quizzer.domain.items import Kind
from quizzer.domain.spacing import SOON
from quizzer.domain.submissions import RunState
from quizzer.errors import ConflictError, InvalidResponseError, NotFoundError
from quizzer.services import resuming
from quizzer.store import skills, submissions
from quizzer.store.db import Database
from quizzer.store.tables import GradeRunRow
from tests.factories import (
    NOON,
    make_card,
    make_code,
    make_item,
    make_library,
    make_option,
    make_sequence,
    make_variants,
)
from tests.store.hands import Learner

SEQUENCE = make_sequence(Kind.PARSONS, "abc", "d")
CARD = make_card()
CODE = make_code()
DRAWN = make_variants()


def make_learner(database, learner, *items):
    return Learner(database, learner, make_library(*items))


def make_card_learner(database, learner, *cards):
    """A learner who has begun the lesson, so that its cards are to be reviewed."""
    ada = make_learner(database, learner, *cards, make_item("bank/plain"))
    ada.start()
    return ada


def name(shown, values):
    """Return the names on the page of the lines with these values, in their order."""
    by_html = {option.html: option.key for option in shown.item.options}
    return Chosen(keys=tuple(by_html[f"<p>```python\nline_{value}()\n```</p>"] for value in values))


# -- lines to put in order


def test_lines_are_answered_by_their_names_on_the_page_and_kept_by_their_keys(database, learner):
    ada = make_learner(database, learner, SEQUENCE)
    shown = ada.start().questions[0]
    assert sorted(option.key for option in shown.item.options) == ["1", "2", "3", "4"]
    wrong = ada.answer(name(shown, "abdc"))
    assert (wrong.is_right, wrong.feedback_html) == (False, ("<p>FEEDBACK-d</p>",))
    assert wrong.chosen == name(shown, "abdc")
    assert wrong.right_lines is None
    right = ada.answer(name(shown, "abc"), try_no=2)
    assert (right.is_right, right.earned) == (True, 0.5)
    assert right.right_lines == set(name(shown, "abc").keys)
    assert ada.answer(name(shown, "abc"), try_no=2).notice == ""
    assert "first answer stands" in ada.answer(name(shown, "cba"), try_no=2).notice


def test_a_line_that_was_not_shown_is_refused(database, learner):
    ada = make_learner(database, learner, SEQUENCE)
    ada.start()
    for keys in (("5",), ("a",), ("1", "1"), ()):
        with pytest.raises(InvalidResponseError):
            ada.answer(Chosen(keys=keys))


# -- cards


def test_a_card_is_turned_and_then_judged_by_its_learner(database, learner):
    ada = make_card_learner(database, learner, CARD)
    assert ada.start_round().questions[0].item.answer_html == ""
    with pytest.raises(ConflictError, match="Turn the card"):
        ada.answer(Chosen(keys=("knew",)))
    turned = ada.reveal()
    assert (turned.item.answer_html, turned.is_done, turned.is_revealed) == (
        "<p>BACK</p>",
        False,
        False,
    )
    with pytest.raises(InvalidResponseError):
        ada.answer(Chosen(keys=("well",)))
    judged = ada.answer(Chosen(keys=("partly",)))
    assert (judged.is_done, judged.is_right, judged.earned) == (True, False, None)


def test_a_card_counts_in_no_mode_with_marks(database, learner):
    card = make_card(modes=("practice", "test", "review"))
    ada = make_learner(database, learner, card)
    for mode in ("practice", "test"):
        with pytest.raises(NotFoundError):
            ada.start(mode)
    ada = make_card_learner(database, learner, card)
    ada.start_round()
    ada.reveal()
    ada.answer(Chosen(keys=("forgot",)))
    ada.finish()
    with pytest.raises(ConflictError, match="comes back there by itself"):
        ada.call(resuming.start_retry, attempt_id=ada.attempt_id, seed=1)


def test_what_was_forgotten_comes_before_what_was_known(database, learner):
    cards = [make_card(f"bank/card-{number}") for number in range(4)]
    ada = make_card_learner(database, learner, *cards)
    forgotten = ada.start_round().questions[2].item.key
    for position in range(1, 5):
        ada.reveal(position)
        ada.answer(Chosen(keys=("forgot" if position == 3 else "knew",)), position=position)
    ada.now += SOON
    assert [one.item.key for one in ada.start_round().questions] == [forgotten]


def test_an_open_round_of_cards_is_led_back_to(database, learner):
    ada = make_card_learner(database, learner, CARD)
    ada.start_round()
    with database.snapshot() as session:
        left = resuming.list_open_attempts(session, ada.library, user_id=learner.id, now=NOON)
    assert ("review", 1) in [(one.mode, one.waiting) for one in left]


def test_a_card_that_changed_lies_on_its_back_again(database, learner):
    ada = make_card_learner(database, learner, CARD)
    ada.start_round()
    ada.reveal()
    ada.library = make_library(replace(CARD, revision="other"))
    assert ada.get().questions[0].item.answer_html == ""


# -- code


def grade(
    database: Database, user_id: int, score: float, number: int = 1, at: datetime = NOON
) -> int:
    """Let a submission of the user's for the item's exercise be graded with this score."""
    with database.transaction() as session:
        submission_id = submissions.record_submission(
            session,
            user_id=user_id,
            exercise="lesson/bank--code",
            source=b"",
            idempotency_key=str(number),
            now=at,
        )
        run_id = submissions.record_run(
            session,
            submission_id=submission_id,
            exercise_hash="h",
            device="cpu",
            priority=1,
            now=NOON,
        )
        graded = {"state": RunState.GRADED, "verdict": "accepted" if score == 1 else "wrong"}
        row = update(GradeRunRow).where(GradeRunRow.id == run_id)
        session.execute(row.values(score=score, finished_at=NOON, **graded))
    return submission_id


def test_the_best_submission_is_taken_over(database, learner, stranger):
    ada = make_learner(database, learner, CODE)
    shown = ada.start().questions[0]
    assert (shown.item.exercise, shown.best) == ("lesson/bank--code", None)
    grade(database, stranger.id, 1.0)
    with pytest.raises(InvalidResponseError, match="Nothing of yours has been graded"):
        ada.answer(Chosen())
    half = grade(database, learner.id, 0.5, 1)
    grade(database, learner.id, 0.25, 2)
    assert ada.get().questions[0].best == Graded(submission_id=half, score=0.5)
    taken = ada.answer(Chosen())
    assert (taken.is_right, taken.is_done, taken.earned) == (False, False, 0.5)
    assert taken.chosen == Chosen(text=str(half))
    grade(database, learner.id, 1.0, 3)
    assert ada.answer(Chosen()).notice == ""  # the same click once more
    right = ada.answer(Chosen(), try_no=2)
    assert (right.is_right, right.earned) == (True, 0.5)
    assert "SOLUTION_CODE" in right.item.expected_html


def believe(database, user_id: int) -> float:
    with database.snapshot() as session:
        return skills.list_beliefs(session, user_id=user_id)[0].rating


def test_what_is_taken_over_tells_of_the_first_grading_alone(database, learner, stranger):
    """Ten tries and then a right one earn the points, and say that it was not known."""
    ada, eve = (make_learner(database, one, CODE) for one in (learner, stranger))
    ada.start()
    for number in range(10):
        grade(database, learner.id, 0.0, number, at=NOON + timedelta(minutes=number))
    grade(database, learner.id, 1.0, 10, at=NOON + timedelta(hours=1))
    assert ada.answer(Chosen()).earned == 1.0
    eve.start()
    grade(database, stranger.id, 1.0, 11)
    eve.answer(Chosen())
    assert believe(database, learner.id) < 0 < believe(database, stranger.id)


def test_what_was_graded_before_the_question_was_drawn_tells_where_nothing_came_later(
    database, learner
):
    ada = make_learner(database, learner, CODE)
    grade(database, learner.id, 0.0, 1, at=NOON - timedelta(days=2))
    grade(database, learner.id, 1.0, 2, at=NOON - timedelta(days=1))
    ada.start()
    ada.answer(Chosen())
    before = believe(database, learner.id)
    assert before < 0
    ada.finish()
    ada.now += timedelta(days=1)
    ada.start(seed=2)
    grade(database, learner.id, 1.0, 3, at=ada.now)
    ada.answer(Chosen())
    assert believe(database, learner.id) > before


def test_what_is_handed_in_after_code_was_given_up_does_not_count(database, learner):
    ada = make_learner(database, learner, CODE)
    ada.start()
    before = Graded(submission_id=grade(database, learner.id, 0.5), score=0.5)
    assert "SOLUTION_CODE" in ada.reveal().item.expected_html
    grade(database, learner.id, 1.0, 2, at=NOON + timedelta(minutes=1))
    ada.finish()
    assert ada.start(seed=2).questions[0].best == before
    grade(database, learner.id, 1.0, 3, at=NOON + timedelta(hours=13))
    assert ada.get().questions[0].best.score == 1.0


def test_an_item_that_names_an_exercise_is_graded_by_that_one(database, learner):
    ada = make_learner(database, learner, make_code(exercise="other/one", code=None))
    assert ada.start().questions[0].item.exercise == "other/one"


# -- variables


def test_a_draw_is_kept_with_the_attempt_and_holds_everywhere(database, learner):
    ada = make_learner(database, learner, DRAWN)
    seen = {}
    for seed in range(8):
        item = ada.start(seed=seed).questions[0].item
        drawn = item.title.removeprefix("Twice ")
        seen[drawn] = item.stem_html
        again = ada.get().questions[0].item
        assert (again.title, again.stem_html) == (item.title, item.stem_html)
        assert ada.answer(Chosen(text=drawn)).feedback_html == (f"<p>FEEDBACK {drawn}</p>",)
        right = ada.answer(Chosen(text=str(2 * int(drawn))), try_no=2)
        assert right.is_right
        assert right.item.expected_html == f"<p>`{2 * int(drawn)}`</p>"
        ada.finish()
    assert seen == {"3": "<p>What is twice 3?</p>", "5": "<p>What is twice 5?</p>"}


def test_what_was_drawn_stays_when_the_proof_finds_other_values(database, learner):
    ada = make_learner(database, learner, replace(DRAWN, draws=DRAWN.draws[:1]))
    ada.start()
    ada.library = make_library(replace(DRAWN, draws=({"n": "9", "twice": "18"},)))
    assert ada.get().questions[0].item.title == "Twice 3"
    assert ada.answer(Chosen(text="6")).is_right


def test_what_waits_for_its_values_is_asked_in_no_mode(database, learner):
    waiting = replace(DRAWN, draws=(), modes=("practice", "test"))
    plain = make_item("bank/plain", modes=waiting.modes)
    ada = make_learner(database, learner, waiting, plain)
    for mode in waiting.modes:
        assert [one.item.key for one in ada.start(mode).questions] == ["bank/plain"]


def test_a_question_whose_new_variables_wait_is_drawn_anew_when_they_are_there(database, learner):
    ada = make_learner(database, learner, make_item(DRAWN.key))
    ada.start()
    ada.library = make_library(replace(DRAWN, draws=()))
    waiting = ada.get().questions[0]
    assert (waiting.is_done, waiting.item.stem_html) == (True, "")
    ada.library = make_library(DRAWN)
    assert ada.get().questions[0].item.stem_html in (
        "<p>What is twice 3?</p>",
        "<p>What is twice 5?</p>",
    )


# -- half right


def test_an_option_that_is_half_right_earns_its_share(database, learner):
    options = (make_option("a"), make_option("b", correct=False, score=0.5))
    ada = make_learner(database, learner, make_item(options=options, modes=("practice",)))
    ada.start()
    half = ada.answer(Chosen(keys=("b",)))
    assert (half.is_right, half.earned, half.is_done) == (False, 0.5, False)
