from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quizzer.domain.attempts import RECALL_KEYS, Chosen
from quizzer.domain.items import Kind
from quizzer.domain.modes import MODES, find_mode
from quizzer.domain.scoring import (
    normalise_output,
    score_exact,
    score_partial,
    score_response,
    score_try,
)
from tests.factories import make_blank, make_card, make_item, make_option, make_options

KEYS = st.frozensets(st.sampled_from("abcdef"))
PRACTICE = find_mode("practice")
NUMERIC = make_item(
    kind=Kind.NUMERIC,
    options=(
        make_option("a", value="0.5", correct=False, misconception="halved"),
        make_option("b", value="0.25 ± 0.01"),
    ),
)
OUTPUT = make_item(
    kind=Kind.OUTPUT,
    output="torch.Size([2, 4])\n",
    options=(make_option("a", value="torch.Size([2, 1, 4])", correct=False),),
)
BLANK = make_item(
    kind=Kind.BLANK,
    blanks=(make_blank("x", eval=True, train=False), make_blank("y", no_grad=True)),
)


def make_choice(right, wrong, kind=Kind.MULTI, **changes):
    return make_item(kind=kind, options=make_options(right, wrong), **changes)


# -- rules of sets


@given(KEYS, KEYS)
def test_partial_marks_stay_in_the_unit_interval_and_are_full_only_for_exactly_the_right(
    ticked, right
):
    score = score_partial(ticked, right)
    assert 0.0 <= score <= 1.0
    assert (score == 1.0) == (ticked == right and bool(right))


@given(KEYS, KEYS.filter(bool), st.sampled_from("abcdef"))
def test_ticking_one_more_right_never_lowers_and_one_more_wrong_never_raises(ticked, right, key):
    before, after = score_partial(ticked, right), score_partial(ticked | {key}, right)
    assert after >= before if key in right else after <= before


@given(KEYS)
def test_ticking_everything_earns_no_more_than_right_minus_wrong(right):
    everything = frozenset("abcdef")
    expected = max(0, 2 * len(right) - 6) / len(right) if right else 0.0
    assert score_partial(everything, right) == pytest.approx(expected)


@given(KEYS, KEYS)
def test_exact_is_all_or_nothing(ticked, right):
    assert score_exact(ticked, right) == (1.0 if ticked == right else 0.0)


def test_partial_is_right_minus_wrong_over_right():
    assert score_partial({"a", "b", "d"}, {"a", "b", "c"}) == pytest.approx(1 / 3)


# -- kinds


@pytest.mark.parametrize("item", [make_choice("ab", "cd"), make_choice("ab", "cd", partial=True)])
@pytest.mark.parametrize("kind", list(Kind))
def test_an_empty_response_scores_nothing(kind, item):
    items = {Kind.NUMERIC: NUMERIC, Kind.OUTPUT: OUTPUT, Kind.BLANK: BLANK}
    judged = score_response(items.get(kind, replace(item, kind=kind)), Chosen())
    assert judged.score == 0.0
    assert judged.matched == ()


@given(st.permutations("abcd"))
def test_the_order_of_options_changes_no_score(order):
    item = make_choice("ab", "cd", partial=True)
    moved = replace(item, options=tuple(item.options["abcd".index(key)] for key in order))
    for keys in ("a", "ab", "abc", "cd"):
        chosen = Chosen(keys=tuple(keys))
        assert score_response(moved, chosen).score == score_response(item, chosen).score


def test_a_single_choice_is_right_or_wrong_and_names_its_misconception():
    wrong = make_option("b", correct=False, misconception="swapped")
    item = make_item(options=(make_option("a"), wrong))
    assert score_response(item, Chosen(keys=("a",))).is_right
    judged = score_response(item, Chosen(keys=("b",)))
    assert (judged.score, judged.matched, judged.misconceptions) == (0.0, ("b",), ("swapped",))


@pytest.mark.parametrize(
    ("text", "is_case_sensitive", "score", "matched"),
    [
        ("weight decay", False, 1.0, ("a",)),
        ("  Weight\t  DECAY ", False, 1.0, ("a",)),
        ("weight decay", True, 0.0, ()),
        (" Weight  decay", True, 1.0, ("a",)),
        ("weightdecay", False, 0.0, ()),
        ("momentum", False, 0.0, ("b",)),
        ("STRASSE", False, 1.0, ("c",)),
        ("", False, 0.0, ()),
    ],
)
def test_a_short_answer_is_compared_without_its_spacing(text, is_case_sensitive, score, matched):
    options = (
        make_option("a", value="Weight decay"),
        make_option("b", value="momentum", correct=False),
        make_option("c", value="straße"),
    )
    item = make_item(kind=Kind.SHORT, options=options, is_case_sensitive=is_case_sensitive)
    judged = score_response(item, Chosen(text=text))
    assert (judged.score, judged.matched) == (score, matched)


@pytest.mark.parametrize("kind", [Kind.SINGLE, Kind.NUMERIC, Kind.OUTPUT, Kind.SHORT])
def test_an_option_that_is_half_right_earns_its_share(kind):
    half = make_option("b", value="2", correct=False, score=0.5)
    item = make_item(kind=kind, options=(make_option("a", value="1"), half), output="1")
    chosen = Chosen(keys=("b",)) if kind is Kind.SINGLE else Chosen(text="2")
    judged = score_response(item, chosen)
    assert (judged.score, judged.is_right, judged.matched) == (0.5, False, ("b",))


def test_a_card_is_worth_what_its_learner_says():
    scores = [score_response(make_card(), Chosen(keys=(key,))).score for key in RECALL_KEYS]
    assert scores == [0.0, 0.5, 1.0]


def test_a_multi_item_is_exact_unless_it_gives_part_marks():
    chosen = Chosen(keys=("a",))
    assert score_response(make_choice("ab", "cd"), chosen).score == 0.0
    assert score_response(make_choice("ab", "cd", partial=True), chosen).score == 0.5


@pytest.mark.parametrize(
    ("text", "score", "matched"),
    [
        ("0.25", 1.0, ("b",)),
        ("0.260", 1.0, ("b",)),
        ("2.6e-1", 1.0, ("b",)),
        ("0.261", 0.0, ()),
        ("0.50", 0.0, ("a",)),
        ("  ", 0.0, ()),
    ],
)
def test_a_number_is_right_inside_a_ticked_range(text, score, matched):
    judged = score_response(NUMERIC, Chosen(text=text))
    assert (judged.score, judged.matched) == (score, matched)


def test_a_ticked_range_wins_over_an_unticked_one_that_overlaps_it():
    item = replace(
        NUMERIC,
        options=(make_option("a", value="[0, 1]", correct=False), make_option("b", value="0.5")),
    )
    assert score_response(item, Chosen(text="0.5")).matched == ("b",)


@pytest.mark.parametrize(
    "typed",
    ["torch.Size([2, 4])", " torch.Size([2,4])\r\n", "torch.Size( [ 2 , 4 ] )\n\n"],
)
def test_meaningless_white_space_in_typed_output_is_forgiven(typed):
    assert score_response(OUTPUT, Chosen(text=typed)).is_right


@pytest.mark.parametrize("typed", ["torch.Size([24])", "torch.size([2, 4])", "[2, 4]"])
def test_other_output_is_wrong(typed):
    assert score_response(OUTPUT, Chosen(text=typed)).score == 0.0


def test_an_anticipated_output_speaks():
    judged = score_response(OUTPUT, Chosen(text="torch.Size([2,1,4])"))
    assert (judged.score, judged.matched) == (0.0, ("a",))


def test_lines_count_and_two_numbers_stay_two_numbers():
    assert normalise_output("1\n2") != normalise_output("1 2")
    assert normalise_output("1 2") != normalise_output("12")
    assert normalise_output("a  b\n\n") == "a b"


@given(st.text())
def test_normalising_twice_is_normalising_once(text):
    once = normalise_output(text)
    assert normalise_output(once) == once


@pytest.mark.parametrize(
    ("x", "y", "exact", "partial", "matched"),
    [
        ("eval", "no_grad", 1.0, 1.0, ("x.a", "y.a")),
        (" eval ", "no_grad", 1.0, 1.0, ("x.a", "y.a")),
        ("train", "no_grad", 0.0, 0.5, ("x.b", "y.a")),
        ("Eval", "", 0.0, 0.0, ()),
    ],
)
def test_blanks_are_judged_one_by_one(x, y, exact, partial, matched):
    chosen = Chosen(blanks=(("x", x), ("y", y)))
    judged = score_response(BLANK, chosen)
    assert (judged.score, judged.matched) == (exact, matched)
    assert score_response(replace(BLANK, partial=True), chosen).score == partial


# -- points by try

TRIES = st.lists(st.tuples(st.floats(0, 1), st.integers(0, 4)), min_size=1, max_size=8)


@given(st.sampled_from(MODES), TRIES)
def test_a_further_try_never_lowers_what_is_earned(mode, tries):
    earned = 0.0
    for number, (score, hints) in enumerate(tries, start=1):
        after = score_try(mode, score=score, try_no=number, hint_count=hints, before=earned)
        assert earned <= after <= 1.0
        earned = after


@pytest.mark.parametrize(
    ("try_no", "hints", "earned"),
    [(1, 0, 1.0), (2, 0, 0.5), (3, 0, 0.25), (4, 0, 0.0), (9, 0, 0.0), (1, 1, 0.75), (2, 3, 0.0)],
)
def test_practice_pays_by_try_and_a_hint_costs_a_quarter(try_no, hints, earned):
    paid = score_try(PRACTICE, score=1.0, try_no=try_no, hint_count=hints, before=0.0)
    assert paid == earned


def test_a_hint_after_part_marks_takes_nothing_back():
    assert score_try(PRACTICE, score=1.0, try_no=2, hint_count=2, before=0.5) == 0.5
