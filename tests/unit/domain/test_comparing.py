"""Two programs side by side."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from quizzer.domain.comparing import (
    CONTEXT,
    LONGEST_LINE,
    MOST_LINES,
    Change,
    compare_sources,
)

OLD = "import torch\n\ndef f(x):\n    return x.sum()\n"
TEXTS = st.lists(st.sampled_from(["a", "b = 1", "b = 2", "", "  c"]), max_size=30).map("\n".join)


def list_changes(left, right):
    return [row.change for row in compare_sources(left, right).rows]


def read(side):
    return "".join(piece.text for piece in side.pieces)


def test_the_words_that_differ_are_marked():
    comparison = compare_sources(OLD, OLD.replace("x.sum()", "x.pow(2).sum()"))
    (row,) = (row for row in comparison.rows if row.change is Change.CHANGED)
    assert (row.left.number, row.right.number) == (4, 4)
    assert [piece.text for piece in row.right.pieces if piece.differs] == ["pow(2)."]
    assert not any(piece.differs for piece in row.left.pieces)
    assert read(row.left) == "    return x.sum()"
    assert not comparison.is_equal


def test_lines_that_came_and_went_stand_alone():
    assert list_changes("a\nb\n", "a\n") == [Change.EQUAL, Change.REMOVED]
    assert list_changes("a\n", "a\nb\n") == [Change.EQUAL, Change.ADDED]
    assert list_changes("", "") == []


def test_lines_with_little_in_common_are_not_marked_within():
    comparison = compare_sources("return x.sum()", "total = 0")
    (row,) = comparison.rows
    assert not any(piece.differs for piece in (*row.left.pieces, *row.right.pieces))


def test_equal_lines_far_from_a_change_are_folded():
    lines = [f"line {number}" for number in range(50)]
    changed = [*lines[:25], "other", *lines[26:]]
    rows = compare_sources("\n".join(lines), "\n".join(changed)).rows
    assert [row.count for row in rows if row.change is Change.FOLDED] == [
        25 - CONTEXT,
        24 - CONTEXT,
    ]
    assert sum(row.change is Change.EQUAL for row in rows) == 2 * CONTEXT


@pytest.mark.parametrize(("left", "right"), [("a  \nb", "a\nb"), ("a\r\nb\n", "a\nb")])
def test_blanks_at_the_ends_of_lines_do_not_count(left, right):
    assert compare_sources(left, right).is_equal


def test_long_texts_are_cut_and_say_so():
    left = "x = 1\n" * 5000
    comparison = compare_sources(left, left.replace("1", "2"))
    assert comparison.is_cut
    assert len(comparison.rows) == MOST_LINES
    long = compare_sources("x" * 1000, "y" * 1000).rows[0]
    assert len(read(long.left)) == LONGEST_LINE


def test_a_difference_behind_the_cut_is_no_equality():
    left = "x = 1\n" * MOST_LINES
    assert not compare_sources(left, left + "y = 2\n").is_equal


@settings(max_examples=60, deadline=None)
@given(TEXTS, TEXTS)
def test_each_side_reads_as_its_text_where_nothing_is_folded(left, right):
    rows = compare_sources(left, right).rows
    for name, text in (("left", left), ("right", right)):
        sides = [side for row in rows if (side := getattr(row, name)) is not None]
        lines = text.splitlines()
        assert all(read(side) == lines[side.number - 1].rstrip() for side in sides)
        numbers = [side.number for side in sides]
        assert numbers == sorted(set(numbers))
        folded = sum(row.count for row in rows)
        assert len(sides) + folded == len(lines)
