"""What first tries say about an item, against figures worked out by other means."""

from __future__ import annotations

import statistics

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quizzer.domain.item_statistics import FEWEST_ANSWERS, FirstTry, correlate, measure
from quizzer.domain.results import make_interval

PAIRS = st.lists(st.tuples(st.booleans(), st.floats(0, 1)), min_size=5, max_size=40)


def make_try(*, is_right=True, rest=0.5, seconds=10, wrong=()):
    return FirstTry(is_right=is_right, rest=rest, elapsed_ms=seconds * 1000, wrong=wrong)


def test_of_fewer_than_five_learners_nothing_is_told():
    tries = [make_try() for _ in range(FEWEST_ANSWERS)]
    assert measure(tries[1:]) is None
    assert measure(tries).n == FEWEST_ANSWERS


def test_facility_is_the_share_right_with_its_interval():
    seen = measure([make_try(is_right=number < 6) for number in range(8)])
    assert seen.facility == 0.75
    assert (seen.low, seen.high) == make_interval(0.75, 8)


def test_the_time_is_the_median_so_that_a_pause_does_not_count():
    seen = measure([make_try(seconds=seconds) for seconds in (10, 20, 30, 40, 86_400)])
    assert seen.median_ms == 30_000


def test_the_wrong_option_picked_most_often_is_named():
    picked = [("b",), ("c",), ("c", "d"), ("c",), ("b",), ()]
    seen = measure([make_try(is_right=False, wrong=wrong) for wrong in picked])
    assert (seen.wrong, seen.wrong_count) == ("c", 3)
    nobody = measure([make_try() for _ in range(5)])
    assert (nobody.wrong, nobody.wrong_count) == ("", 0)


def test_discrimination_is_the_correlation_with_the_rest():
    rests = (0.1, 0.4, 0.3, 0.9, 0.8, 0.6)
    rights = (False, False, True, True, True, False)
    seen = measure([make_try(is_right=r, rest=s) for r, s in zip(rights, rests, strict=True)])
    expected = statistics.correlation([float(right) for right in rights], rests)
    assert seen.discrimination == pytest.approx(expected)
    assert seen.discrimination_n == 6


@given(PAIRS)
def test_it_agrees_with_pearsons_coefficient_wherever_that_is_defined(pairs):
    found = correlate(pairs)
    try:
        expected = statistics.correlation(
            [float(right) for right, _ in pairs], [s for _, s in pairs]
        )
    except statistics.StatisticsError:
        assert found is None
        return
    # Differences so small that their squares vanish are nobody's to correlate.
    if statistics.pstdev(score for _, score in pairs) > 1e-6:
        assert found == pytest.approx(expected, abs=1e-6)


def test_where_one_side_never_varies_nothing_can_be_told():
    assert correlate([(True, score / 10) for score in range(8)]) is None
    assert correlate([(number % 2 == 0, 0.1 + 0.2) for number in range(8)]) is None
    assert correlate([(True, 1.0), (False, 0.0)] * 2) is None  # too few


def test_a_try_alone_in_its_attempt_is_not_compared():
    tries = [make_try(is_right=number % 2 == 0, rest=None) for number in range(6)]
    seen = measure(tries)
    assert (seen.discrimination, seen.discrimination_n) == (None, 0)
