"""What is shown of two tensors that differ: the piece around the first element that does."""

from __future__ import annotations

from dataclasses import asdict

import numpy as np
import pytest

from graders.judge import compare, withhold
from graders.judge.excerpts import MOST_COLUMNS, MOST_ROWS
from graders.model import Difference
from graders.wire import TensorValue


def make_tensor(values, dtype="float32"):
    array = np.asarray(values, dtype=dtype)
    return TensorValue(dtype, array.shape, "cpu", False, array)


def change(array, *places, by=1):
    changed = array.copy()
    for place in places:
        changed[place] += by
    return changed


def cut(expected, got):
    return compare(make_tensor(expected), make_tensor(got)).excerpt


def list_marked(excerpt):
    return [
        (row, column)
        for row, cells in enumerate(excerpt.rows)
        for column, cell in enumerate(cells)
        if cell.differs
    ]


def test_of_a_small_matrix_all_is_shown_and_what_differs_is_marked():
    expected = np.arange(6.0).reshape(2, 3)
    excerpt = cut(expected, change(expected, (0, 1), (1, 2)))
    assert list_marked(excerpt) == [(0, 1), (1, 2)]
    assert [[cell.expected for cell in row] for row in excerpt.rows] == [
        ["0", "1", "2"],
        ["3", "4", "5"],
    ]
    assert excerpt.rows[1][2].got == "6"
    assert (excerpt.corner, excerpt.is_whole) == ((0, 0), True)


@pytest.mark.parametrize(
    ("shape", "place"),
    [((100,), (57,)), ((40, 40), (39, 39)), ((3, 9, 9), (2, 4, 0)), ((2, 2, 3, 30), (1, 0, 2, 7))],
)
def test_of_a_large_one_the_piece_holds_the_first_difference(shape, place):
    expected = np.zeros(shape)
    excerpt = cut(expected, change(expected, place))
    ((row, column),) = list_marked(excerpt)
    found = (row, column) if len(shape) > 1 else (column,)
    begin = excerpt.corner[-len(found) :]
    assert excerpt.corner[:-2] == place[:-2]
    assert tuple(map(sum, zip(begin, found, strict=True))) == place[-len(found) :]
    assert len(excerpt.rows) <= MOST_ROWS
    assert {len(cells) for cells in excerpt.rows} == {min(MOST_COLUMNS, shape[-1])}
    assert not excerpt.is_whole


def test_what_would_read_the_same_is_told_with_all_its_digits():
    expected = np.asarray([1.0, 2.0], dtype="float64")
    got = np.asarray([1.0, 2.0 + 1e-8], dtype="float64")
    difference = compare(make_tensor(expected, "float64"), make_tensor(got, "float64"))
    cell = difference.excerpt.rows[0][1]
    assert cell.expected != cell.got


def test_beside_a_nan_other_wrong_values_are_marked_as_well():
    excerpt = cut([1.0, 2.0, 3.0], [np.nan, 2.0, 4.0])
    assert list_marked(excerpt) == [(0, 0), (0, 2)]


@pytest.mark.parametrize(
    ("got", "form"),
    [
        (make_tensor(np.zeros((3, 2))), "float32, shape (3, 2)"),
        (make_tensor(np.zeros((2, 3)), "float64"), "float64, shape (2, 3)"),
    ],
)
def test_of_other_forms_only_the_forms_are_told(got, form):
    excerpt = compare(make_tensor(np.zeros((2, 3))), got).excerpt
    assert (excerpt.expected_form, excerpt.got_form) == ("float32, shape (2, 3)", form)
    assert excerpt.rows == ()


def test_numbers_have_no_excerpt():
    assert compare(1.0, 2.0).excerpt is None


def test_it_survives_as_json_and_is_withheld_with_the_rest():
    difference = compare(make_tensor([[1.0, 2.0]]), make_tensor([[1.0, 3.0]]))
    assert Difference.from_dict(asdict(difference)) == difference
    assert withhold(difference) == Difference(kind="values")


def test_a_report_from_before_there_were_excerpts_is_still_read():
    old = {"kind": "shape", "where": "", "expected": "()", "got": "(1,)", "note": ""}
    assert Difference.from_dict(old).excerpt is None
