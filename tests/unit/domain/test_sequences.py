"""Lines to put in order: their names on a page, their marks, and what a page learns of them."""

from __future__ import annotations

from dataclasses import replace
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quizzer.domain.attempts import Chosen
from quizzer.domain.items import Kind
from quizzer.domain.scoring import score_response
from quizzer.domain.sequences import find_lines, list_right_places, name_lines, score_places
from quizzer.domain.shuffling import draw_option_order
from quizzer.errors import InvalidResponseError
from tests.factories import make_option, make_sequence
from tests.unit.domain.test_showing import send, show

LINES = make_sequence(Kind.PARSONS, "abcd", "xy")
PARTIAL = replace(LINES, partial=True)
TWO_WAYS = replace(PARTIAL, orders=(tuple("abcd"), tuple("bacd")))
ORDERS = st.permutations("abcdxy").flatmap(
    lambda keys: st.integers(1, 6).map(lambda count: tuple(keys[:count]))
)


@given(st.permutations("abcdef"), st.lists(st.sampled_from("abcdef"), unique=True))
def test_names_lead_back_to_the_lines(order, keys):
    assert find_lines(order, name_lines(order, keys)) == tuple(keys)


@pytest.mark.parametrize("name", ["0", "7", "a", "", "01", "1.0", "\N{ARABIC-INDIC DIGIT ONE}"])
def test_a_name_that_no_line_has_is_refused(name):
    with pytest.raises(InvalidResponseError):
        find_lines("abcdef", ["1", name])


@given(ORDERS)
def test_only_a_right_order_is_right(keys):
    for item in (LINES, PARTIAL):
        assert score_response(item, Chosen(keys=keys)).is_right == (keys == tuple("abcd"))


@given(ORDERS)
def test_part_marks_stay_in_the_unit_interval_and_a_foreign_line_never_helps(keys):
    score = score_places(PARTIAL, keys)
    assert 0.0 <= score <= 1.0
    for place in range(len(keys) + 1):
        if "x" not in keys:
            assert score_places(PARTIAL, (*keys[:place], "x", *keys[place:])) <= score


@pytest.mark.parametrize(
    ("keys", "score"),
    [
        ("abcd", 1.0),
        ("abdc", 0.5),
        ("abxcd", 0.75),
        ("xyabcd", 0.5),
        ("ab", 0.5),
        ("bcda", 0.0),
        ("xy", 0.0),
        ("", 0.0),
    ],
)
def test_part_marks_are_places_minus_foreign_lines_over_lines(keys, score):
    assert score_response(PARTIAL, Chosen(keys=tuple(keys))).score == score
    assert score_response(LINES, Chosen(keys=tuple(keys))).score == float(score == 1.0)


def test_every_order_that_was_found_right_is_right_and_the_nearest_one_counts():
    assert score_response(TWO_WAYS, Chosen(keys=tuple("bacd"))).is_right
    assert list_right_places(TWO_WAYS, "badc") == {"b", "a"}
    assert score_places(TWO_WAYS, "badc") == 0.5


def test_lines_never_come_in_a_right_order():
    item = make_sequence(Kind.ORDER, "abc", "x", shuffle=False)
    for seed in range(300):
        order = draw_option_order(item, seed=seed)
        assert sorted(order) == list("abcx")
        assert [key for key in order if key != "x"] != list("abc")


def test_lines_whose_every_order_is_right_are_shuffled_all_the_same():
    item = replace(make_sequence(Kind.ORDER, "abc"), orders=tuple(permutations("abc")))
    assert sorted(draw_option_order(item, seed=1)) == ["a", "b", "c"]


# -- what a page learns


@pytest.mark.parametrize("kind", [Kind.ORDER, Kind.PARSONS])
def test_a_page_names_lines_by_their_places_and_never_by_their_keys(kind):
    item = make_sequence(kind, "abc", "x")
    order = ("c", "x", "a", "b")
    shown = show(item, option_order=order)
    assert [option.key for option in shown.item.options] == ["1", "2", "3", "4"]
    assert [
        option.html.count(f"line_{key}()")
        for option, key in zip(shown.item.options, order, strict=True)
    ] == [1] * 4
    wrong = show(item, send(chosen=Chosen(keys=("c", "x"))), option_order=order)
    assert wrong.chosen == Chosen(keys=("1", "2"))
    assert wrong.right_lines is None
    assert [(o.key, o.correct, bool(o.feedback_html)) for o in wrong.item.options] == [
        ("1", None, False),
        ("2", None, True),
        ("3", None, False),
        ("4", None, False),
    ]
    assert "FEEDBACK-c" not in repr(wrong)


@given(st.permutations("abcd"), st.sampled_from(["practice", "test"]))
def test_before_it_is_done_a_page_is_the_same_whichever_order_is_right(right, mode):
    """The same four lines in the same places; only which order is right differs."""
    lines = {f"line_{number}": key for key, number in zip("abcd", right, strict=True)}
    options = tuple(make_option(key, value=line, feedback=None) for line, key in lines.items())
    item = replace(
        make_sequence(lines="abcd"),
        options=tuple(sorted(options, key=lambda option: option.key)),
    )
    order = tuple(lines[f"line_{number}"] for number in "abcd")
    for keys in ((), ("2", "4"), ("4", "3", "2")):
        chosen = Chosen(keys=find_lines(order, keys))
        sent = [send(chosen=chosen)] if keys else []
        plain = replace(
            item,
            options=tuple(make_option(key, value=f"line_{key}", feedback=None) for key in "abcd"),
        )
        same = [send(chosen=Chosen(keys=find_lines("abcd", keys)))] if keys else []
        assert show(item, *sent, mode=mode, option_order=order) == show(
            plain, *same, mode=mode, option_order=tuple("abcd")
        )


def test_once_done_a_page_learns_what_stands_right_and_what_is_right():
    shown = show(
        make_sequence(foreign="x"), send(chosen=Chosen(keys=tuple("axcb"))), is_revealed=True
    )
    assert shown.right_lines == {"1"}
    assert [option.correct for option in shown.item.options] == [True, True, True, False]
    assert "line_a()\nline_b()\nline_c()" in shown.item.expected_html


def test_a_changed_question_names_no_line():
    changed = send(chosen=Chosen(keys=("a", "b")))
    shown = show(make_sequence(), changed, item_revision="old")
    assert shown.chosen == Chosen()
    assert shown.right_lines is None
