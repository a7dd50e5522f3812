from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quizzer.domain.ranges import EmptyRangeError, Range, parse_number, parse_range

NUMBERS = st.decimals(
    min_value=-1000, max_value=1000, allow_nan=False, allow_infinity=False, places=3
)


@pytest.mark.parametrize(
    ("text", "low", "high"),
    [
        ("0.25", "0.25", "0.25"),
        ("-3", "-3", "-3"),
        ("\N{MINUS SIGN}3", "-3", "-3"),
        (".5", "0.5", "0.5"),
        ("1e-3", "0.001", "0.001"),
        ("0.25 ± 0.01", "0.24", "0.26"),
        ("0.25 +- 0.01", "0.24", "0.26"),
        ("0.25±0.01", "0.24", "0.26"),
        ("200 ± 1%", "198", "202"),
        ("-200 ± 1 %", "-202", "-198"),
        ("[0.2, 0.3]", "0.2", "0.3"),
        ("[-1,-1]", "-1", "-1"),
    ],
)
def test_ranges_read_as_written(text, low, high):
    assert parse_range(text) == Range(low=Decimal(low), high=Decimal(high))


@pytest.mark.parametrize(
    "text", ["", "0,5", "1_000", "nan", "inf", "0x10", "1 2", "٣", "--1", "e5"]
)
def test_what_is_no_number_is_refused(text):
    with pytest.raises(ValueError, match="no decimal number"):
        parse_number(text)


@pytest.mark.parametrize("text", ["0.5 ± ", "[1]", "[1, 2", "1 ± 2 ± 3", "1 .. 2", "0,5 ± 1"])
def test_what_is_no_range_is_refused(text):
    with pytest.raises(ValueError, match="is no number"):
        parse_range(text)


@pytest.mark.parametrize("text", ["1 ± -0.1", "[2, 1]"])
def test_a_range_without_numbers_is_its_own_error(text):
    with pytest.raises(EmptyRangeError):
        parse_range(text)


@pytest.mark.parametrize(
    ("one", "other", "told"),
    [
        ("[1, 2]", "[2, 3]", True),
        ("[1, 2]", "[2.001, 3]", False),
        ("[1, 9]", "5", True),
        ("4", "5", False),
    ],
)
def test_ranges_overlap_where_a_number_lies_in_both(one, other, told):
    assert parse_range(one).overlaps(parse_range(other)) is told
    assert parse_range(other).overlaps(parse_range(one)) is told


def test_the_ends_of_a_range_belong_to_it_exactly():
    assert Decimal("0.26") in parse_range("0.25 ± 0.01")
    assert Decimal("0.2600001") not in parse_range("0.25 ± 0.01")


@given(NUMBERS, st.decimals(min_value=0, max_value=10, places=2))
def test_a_number_lies_in_its_own_tolerance(number, tolerance):
    around = parse_range(f"{number} ± {tolerance}")
    assert number in around
    assert number + tolerance in around
    assert number + tolerance + Decimal("0.001") not in around
