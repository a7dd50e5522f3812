from __future__ import annotations

from collections import Counter
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from quizzer.domain.items import Kind
from quizzer.domain.shuffling import draw_offered_values, draw_option_order, draw_values
from tests.factories import make_blank, make_item, make_options, make_variants

SEEDS = st.integers(0, 2**63 - 1)
ITEM = make_item(options=make_options("a", "bcdef"))


@given(SEEDS, st.integers(2, 8))
def test_every_option_comes_exactly_once(seed, count):
    item = make_item(options=make_options("a", "bcdefgh"[: count - 1]))
    assert sorted(draw_option_order(item, seed=seed)) == [option.key for option in item.options]


@given(SEEDS)
def test_the_same_seed_gives_the_same_order(seed):
    assert draw_option_order(ITEM, seed=seed) == draw_option_order(ITEM, seed=seed)


@given(SEEDS)
def test_an_item_that_asks_for_it_keeps_its_order(seed):
    assert draw_option_order(replace(ITEM, shuffle=False), seed=seed) == tuple("abcdef")


@given(SEEDS)
def test_true_and_false_keep_their_places(seed):
    item = make_item(kind=Kind.TRUEFALSE, options=make_options("b", "a"))
    assert draw_option_order(item, seed=seed) == ("a", "b")


def test_typed_kinds_have_no_order():
    item = make_item(kind=Kind.NUMERIC, options=make_options("a", "b"))
    assert draw_option_order(item, seed=1) == ()


def test_the_key_has_no_favourite_place():
    item = make_item()
    places = Counter(draw_option_order(item, seed=seed).index("a") for seed in range(4000))
    assert all(abs(count - 1000) < 150 for count in places.values())


def test_values_are_drawn_by_the_seed_and_sorted_by_name():
    item = make_variants()
    drawn = Counter(draw_values(item, seed=seed) for seed in range(1000))
    assert set(drawn) == {(("n", "3"), ("twice", "6")), (("n", "5"), ("twice", "10"))}
    assert all(abs(count - 500) < 80 for count in drawn.values())
    assert draw_values(item, seed=1) == draw_values(item, seed=1)
    assert draw_values(ITEM, seed=1) == ()


def test_two_items_of_one_attempt_are_shuffled_apart():
    other = replace(ITEM, key="bank/other")
    assert any(
        draw_option_order(ITEM, seed=seed) != draw_option_order(other, seed=seed)
        for seed in range(5)
    )


def test_an_order_drawn_once_is_drawn_for_good():
    # Attempts in the database were drawn with this; a change here is a change of behaviour.
    assert draw_option_order(ITEM, seed=7) == ("d", "e", "a", "b", "f", "c")


@given(SEEDS, st.sampled_from(("ab", "abc")))
def test_what_is_asked_again_comes_in_another_order(seed, keys):
    item = make_item(options=make_options("a", keys[1:]))
    before = draw_option_order(item, seed=seed)
    assert draw_option_order(item, seed=seed, before=before) != before
    fixed = replace(item, shuffle=False)
    assert draw_option_order(fixed, seed=seed, before=tuple(keys)) == tuple(keys)


GAPS = make_item(
    kind=Kind.BLANK,
    blanks=(
        make_blank("x", **{"a * b": True, "b * a": True, "a": False, "b": False}),
        make_blank("y", sum=True, mean=False, a=False),
    ),
)


def test_what_is_offered_has_one_right_value_of_each_blank_and_each_wrong_one_once():
    assert sorted(draw_offered_values(GAPS, seed=1)) == ["a", "a * b", "b", "mean", "sum"]


def test_no_place_of_an_offered_value_tells_whether_it_is_right():
    drawn = [draw_offered_values(GAPS, seed=seed) for seed in range(2000)]
    assert drawn == [draw_offered_values(GAPS, seed=seed) for seed in range(2000)]
    for value in drawn[0]:
        places = Counter(values.index(value) for values in drawn)
        assert min(places.values()) > 300  # of 400 each


def test_nothing_is_offered_where_it_would_be_no_choice():
    few = make_item(kind=Kind.BLANK, blanks=(make_blank("x", one=True, other=False),))
    only_right = make_item(
        kind=Kind.BLANK, blanks=(make_blank("x", a=True), make_blank("y", b=True))
    )
    crossed = make_item(  # what is wrong in the one is right in the other
        kind=Kind.BLANK,
        blanks=(make_blank("x", a=True, b=False), make_blank("y", b=True, a=False, c=False)),
    )
    for item in (few, only_right, crossed, ITEM):
        assert draw_offered_values(item, seed=1) == ()
