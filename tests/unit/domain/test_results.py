from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quizzer.domain.results import list_skill_results, make_interval, name_strength


@given(st.floats(0, 1), st.integers(1, 500))
def test_the_interval_holds_the_score_and_stays_in_bounds(score, n):
    low, high = make_interval(score, n)
    assert 0 <= low <= score + 1e-9
    assert score - 1e-9 <= high <= 1


@given(st.floats(0, 1), st.integers(1, 100))
def test_more_items_narrow_it(score, n):
    low, high = make_interval(score, n)
    narrower_low, narrower_high = make_interval(score, n * 4)
    assert narrower_high - narrower_low < high - low


def test_it_agrees_with_the_published_formula():
    # 8 of 10: (0.8 + 0.19207) / 1.38415 ± ... = 0.4902 to 0.9433
    assert make_interval(0.8, 10) == pytest.approx((0.4902, 0.9433), abs=1e-4)


def test_nothing_asked_says_nothing():
    assert make_interval(0.0, 0) == (0.0, 1.0)


@pytest.mark.parametrize(
    ("right", "of", "word"),
    [
        (1, 1, "too few to say"),
        (0, 1, "too few to say"),
        (2, 2, "too few to say"),
        (3, 3, "strong"),
        (0, 3, "weak"),
        (1, 3, "developing"),
        (4, 5, "strong"),
        (3, 4, "developing"),
        (1, 5, "weak"),
        (9, 10, "strong"),
    ],
)
def test_strong_and_weak_are_claimed_only_where_the_interval_bears_it(right, of, word):
    assert name_strength(right / of, *make_interval(right / of, of), items=of) == word


def test_an_item_counts_for_each_of_its_skills():
    results = list_skill_results([(("l2", "l1"), 1.0), (("l1",), 0.0)])
    assert [(result.skill, result.items, result.score) for result in results] == [
        ("l1", 2, 0.5),
        ("l2", 1, 1.0),
    ]
