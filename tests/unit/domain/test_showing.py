"""What a page gets of a question, moment by moment. The key must not be there before its time."""

from __future__ import annotations

from dataclasses import replace

import pytest

from quizzer.domain.attempts import Chosen
from quizzer.domain.items import Kind
from quizzer.domain.modes import MODES, find_mode
from quizzer.domain.questions import Question
from quizzer.domain.showing import forget_try, show_question
from tests.factories import (
    make_blank,
    make_card,
    make_code,
    make_item,
    make_option,
    make_options,
    make_presentation,
    make_response,
    make_sequence,
)

SWAPPED = make_option("b", correct=False, misconception="swapped")
SINGLE = make_item(options=(make_option("a"), SWAPPED, make_option("c", correct=False)))
NUMERIC = make_item(
    kind=Kind.NUMERIC,
    options=(make_option("a", value="0.25"), make_option("b", value="0.5", correct=False)),
)
OUTPUT = make_item(kind=Kind.OUTPUT, output="tensor(1 < 2)")
BLANK = make_item(kind=Kind.BLANK, blanks=(make_blank("x", eval=True, train=False),))
CARD = make_card()
ITEMS = {
    Kind.SINGLE: SINGLE,
    Kind.MULTI: make_item(kind=Kind.MULTI, options=make_options("ab", "c")),
    Kind.TRUEFALSE: make_item(kind=Kind.TRUEFALSE, options=make_options("b", "a")),
    Kind.NUMERIC: NUMERIC,
    Kind.OUTPUT: OUTPUT,
    Kind.BLANK: BLANK,
    Kind.ORDER: make_sequence(Kind.ORDER, "abc", "d"),
    Kind.PARSONS: make_sequence(Kind.PARSONS, "abc", "d"),
    Kind.SHORT: make_item(kind=Kind.SHORT, options=(make_option("a", value="AdamW"),)),
    Kind.CODE: make_code(options=(make_option("a", value="KNOWN_SUBMISSION"),)),
    Kind.RECALL: make_card(),
}


def render(text):
    return f"<p>{text.source}</p>"


def make_question(item=SINGLE, *responses, mode="practice", is_open=True, **drawn):
    return Question(
        item=item,
        presentation=make_presentation(item, **drawn),
        responses=responses,
        misconceptions={"swapped": "MISCONCEPTION swapped"},
        mode=find_mode(mode),
        is_open=is_open,
    )


def show(*args, **kwargs):
    return show_question(make_question(*args, **kwargs), render)


def send(*keys, score=0.0, **changes):
    return make_response(*keys, score=score, earned=score, **changes)


# -- nothing of the key before its time


@pytest.mark.parametrize("kind", list(Kind))
@pytest.mark.parametrize("mode", ["learn", "practice", "test"])
def test_an_unanswered_question_holds_nothing_of_its_key(kind, mode):
    shown = show(ITEMS[kind], mode=mode)
    told = repr(shown)
    secrets = ("FEEDBACK", "SOLUTION", "MISTAKES", "MISCONCEPTION", "HINT", "correct=True")
    assert not [secret for secret in (*secrets, "correct=False") if secret in told]
    typed = ("0.25", "0.5", "tensor(1", "eval", "train", "AdamW", "BACK")
    assert not [value for value in (*typed, "SOLUTION_CODE", "KNOWN", "CHECKS") if value in told]
    assert (shown.item.options == ()) == (not (kind.is_choice or kind.is_sequence))


@pytest.mark.parametrize("kind", list(Kind))
@pytest.mark.parametrize("score", [0.0, 1.0])
def test_an_open_test_says_the_same_whether_it_was_right_or_wrong(kind, score):
    chosen = {
        Kind.NUMERIC: Chosen(text="0.5"),
        Kind.OUTPUT: Chosen(text="1"),
        Kind.BLANK: Chosen(blanks=(("x", "train"),)),
        Kind.SHORT: Chosen(text="SGD"),
        Kind.CODE: Chosen(text="7"),
        Kind.RECALL: Chosen(keys=("knew",)),
    }.get(kind, Chosen(keys=("a",)))
    shown = show(ITEMS[kind], send(chosen=chosen, score=score), mode="test")
    assert shown == show(ITEMS[kind], send(chosen=chosen, score=1.0 - score), mode="test")
    assert (shown.is_right, shown.earned, shown.feedback_html, shown.misconceptions) == (
        None,
        None,
        (),
        (),
    )
    assert shown.is_done
    assert "FEEDBACK" not in repr(shown)
    assert "SOLUTION" not in repr(shown)


# -- practice


def test_a_wrong_try_in_practice_gets_its_own_feedback_and_the_misconception_only():
    shown = show(SINGLE, send("b"))
    assert shown.is_right is False
    assert not shown.is_done
    assert shown.next_try == 2
    assert shown.feedback_html == ("<p>FEEDBACK-b</p>",)
    assert shown.misconceptions == ("MISCONCEPTION swapped",)
    assert [(o.key, o.correct, bool(o.feedback_html), o.chosen) for o in shown.item.options] == [
        ("1", None, False, False),
        ("2", None, True, True),
        ("3", None, False, False),
    ]
    assert "SOLUTION" not in repr(shown)


@pytest.mark.parametrize(
    "question",
    [
        make_question(SINGLE, send("a", score=1.0)),
        make_question(SINGLE, send("b"), is_revealed=True),
        make_question(SINGLE, is_revealed=True),
        make_question(SINGLE, send("b"), mode="learn"),
        make_question(SINGLE, send("b"), mode="test", is_open=False),
        make_question(SINGLE, mode="test", is_open=False),
    ],
)
def test_once_done_the_whole_key_is_shown(question):
    shown = show_question(question, render)
    assert shown.is_done
    assert [option.correct for option in shown.item.options] == [True, False, False]
    assert all(option.feedback_html for option in shown.item.options)
    assert (shown.item.solution_html, shown.item.mistakes_html) == (
        "<p>SOLUTION</p>",
        "<p>MISTAKES</p>",
    )


def test_leaving_practice_does_not_show_the_key_of_what_was_left_open():
    shown = show(SINGLE, send("b"), is_open=False)
    assert shown.is_done
    assert "SOLUTION" not in repr(shown)
    assert all(option.correct is None for option in shown.item.options)


def test_options_come_in_the_order_that_was_drawn():
    shown = show(SINGLE, option_order=("c", "a", "b"))
    assert [option.key for option in shown.item.options] == ["3", "1", "2"]


def test_only_hints_that_were_asked_for_are_there():
    shown = show(SINGLE, hint_count=1)
    assert (shown.item.hints_html, shown.item.hint_total) == (("<p>HINT-1</p>",), 2)


@pytest.mark.parametrize("mode", ["learn", "test"])
def test_modes_without_points_offer_no_hints(mode):
    assert show(SINGLE, mode=mode).item.hint_total == 0


def test_learn_says_whether_it_was_right_and_counts_no_points():
    shown = show(SINGLE, send("b"), mode="learn")
    assert (shown.is_right, shown.earned, shown.tries_left) == (False, None, 0)


@pytest.mark.parametrize(
    ("item", "wanted"),
    [
        (NUMERIC, "<p>`0.25`</p>"),
        (OUTPUT, "<pre><code>tensor(1 &lt; 2)</code></pre>"),
        (BLANK, "<dl><dt><code>x</code></dt><dd><code>eval</code></dd></dl>"),
        (SINGLE, ""),
    ],
)
def test_the_right_value_of_typed_kinds_is_spelled_out_at_the_end(item, wanted):
    assert show(item, is_revealed=True).item.expected_html == wanted


def test_an_anticipated_value_speaks_in_practice():
    shown = show(NUMERIC, send(chosen=Chosen(text="0.5")))
    assert shown.feedback_html == ("<p>FEEDBACK-b</p>",)
    assert shown.item.options == ()
    blank = show(BLANK, send(chosen=Chosen(blanks=(("x", "train"),))))
    assert blank.feedback_html == ("<p>FEEDBACK-b</p>",)


def test_a_wrong_try_praises_no_part_of_itself():
    multi = make_item(kind=Kind.MULTI, options=make_options("ab", "cd"))
    shown = show(multi, send("a", "c"))
    assert shown.feedback_html == ("<p>FEEDBACK-c</p>",)
    assert [option.key for option in shown.item.options if option.feedback_html] == ["3"]
    blanks = make_item(kind=Kind.BLANK, blanks=(make_blank("x", eval=True), make_blank("y")))
    typed = Chosen(blanks=(("x", "eval"), ("y", "nothing")))
    assert show(blanks, send(chosen=typed)).feedback_html == ()


def test_blanks_are_told_apart_once_that_may_be_said():
    blanks = make_item(kind=Kind.BLANK, blanks=(make_blank("x"), make_blank("y")))
    typed = send(chosen=Chosen(blanks=(("x", "eval"), ("y", "nothing"))))
    assert show(blanks, typed).right_blanks == {"x"}
    assert show(blanks, typed, mode="test").right_blanks is None
    assert show(blanks, typed, mode="test", is_open=False).right_blanks == {"x"}
    assert show(blanks).right_blanks is None


def test_a_fresh_start_holds_nothing_of_the_try_before_but_its_number():
    again = forget_try(show(SINGLE, send("b")))
    assert again == replace(show(SINGLE), next_try=2, earned=0.0)
    done = show(SINGLE, send("a", score=1.0))
    assert forget_try(done) == done


# -- cards, code and short answers


def test_a_turned_card_shows_its_back_and_is_not_done():
    front, turned = show(CARD, mode="review"), show(CARD, mode="review", is_revealed=True)
    assert front.item.answer_html == ""
    assert (turned.item.answer_html, turned.is_done, turned.is_revealed) == (
        "<p>BACK</p>",
        False,
        False,
    )
    assert "SOLUTION" not in repr(turned)
    judged = show(CARD, send("partly", score=0.5), mode="review", is_revealed=True)
    assert (judged.is_done, judged.is_right) == (True, False)
    assert judged.item.solution_html == "<p>SOLUTION</p>"


def test_a_card_that_was_left_unturned_stays_so():
    assert show(CARD, mode="review", is_open=False).item.answer_html == ""


def test_known_submissions_are_shown_to_nobody_and_the_solution_once_it_is_done():
    done = show(ITEMS[Kind.CODE], send(chosen=Chosen(text="7"), score=1.0))
    assert (done.item.options, "KNOWN" in repr(done)) == ((), False)
    assert "```python\nSOLUTION_CODE = 1\n```" in done.item.expected_html


def test_a_solution_is_fenced_apart_from_what_it_holds():
    code = make_code().code
    fenced = replace(code, solution=replace(code.solution, code='"""\n```\n"""'))
    shown = show(make_code(code=fenced), is_revealed=True)
    assert '````python\n"""\n```\n"""\n````' in shown.item.expected_html


def test_all_accepted_short_answers_are_spelled_out_at_the_end():
    options = (make_option("a", value="AdamW"), make_option("b", value="a < b"))
    shown = show(make_item(kind=Kind.SHORT, options=options), is_revealed=True)
    assert shown.item.expected_html == "<code>AdamW</code> or <code>a &lt; b</code>"


# -- values that a blank may be filled from


@pytest.mark.parametrize("mode", [each.name for each in MODES])
def test_values_are_offered_in_try_alone_and_until_the_question_is_done(mode):
    gap = make_item(kind=Kind.BLANK, blanks=(make_blank("x", eval=True, train=False, fit=False),))
    offered = sorted(show(gap, mode=mode).item.offered)
    assert offered == (["eval", "fit", "train"] if mode == "try" else [])
    assert show(gap, is_revealed=True, mode=mode).item.offered == ()


# -- items that changed


def test_a_withdrawn_item_is_a_notice_and_counts_only_if_it_was_answered():
    unanswered = replace(make_question(SINGLE), item=None)
    shown = show_question(unanswered, render)
    assert "withdrawn" in shown.notice
    assert shown.is_done
    assert not unanswered.counts
    assert replace(unanswered, responses=(send("a", score=1.0),)).counts


@pytest.mark.parametrize("mode", ["learn", "practice", "test"])
def test_a_question_changed_after_the_answer_keeps_what_was_earned_and_shows_no_foreign_key(mode):
    other = replace(SINGLE, revision="other", options=make_options("x", "yz"))
    question = replace(
        make_question(SINGLE, send("a", score=1.0), mode=mode, is_open=False), item=other
    )
    shown = show_question(question, render)
    assert "changed" in shown.notice
    assert shown.is_done
    assert question.earned == 1.0
    assert shown.item.options == ()
    assert "SOLUTION" not in repr(shown)
