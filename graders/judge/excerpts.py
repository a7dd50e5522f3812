"""The piece of two tensors that is shown beside a difference, and what the two are."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from graders.judge.words import Array, say_number, say_shape, tell_apart
from graders.model import Cell, Excerpt
from graders.text import printable
from graders.wire import TensorValue

MOST_ROWS = 5
MOST_COLUMNS = 4  # two pieces of this width stand beside each other in half a page
_DIGITS = 4
_ROOMS = (MOST_ROWS, MOST_COLUMNS)  # of the last two dimensions, which are all a page can show
_DTYPE_CHARS = 20


def cut_excerpt(
    expected: object,
    got: object,
    arrays: tuple[Array, Array] | None = None,
    different: Array | None = None,
) -> Excerpt | None:
    """Return what there is to be shown of two values at one place; None if they are no tensors.

    Args:
        expected: the leaf of the reference's observation.
        got: that of the submission's.
        arrays: their elements, of one shape; None where the forms differ.
        different: bool of that shape, at least one of them True; None where `arrays` is.
    """
    if not (isinstance(expected, TensorValue) and isinstance(got, TensorValue)):
        return None
    excerpt = Excerpt(expected_form=_say_form(expected), got_form=_say_form(got))
    if arrays is None or different is None or not different.ndim:
        return excerpt
    corner = _find_corner(different)
    rooms = _ROOMS[-len(corner) :]
    ends = [slice(begin, begin + room) for begin, room in zip(corner[-2:], rooms, strict=True)]
    piece: tuple[int | slice, ...] = (*corner[:-2], *ends)
    cut = [np.atleast_2d(array[piece]) for array in (*arrays, different)]
    return replace(
        excerpt,
        corner=corner,
        rows=tuple(tuple(map(_make_cell, *row)) for row in zip(*cut, strict=True)),
        is_whole=cut[0].size == different.size,
    )


def _say_form(tensor: TensorValue) -> str:
    return f"{printable(tensor.dtype[:_DTYPE_CHARS])}, shape {say_shape(tensor.shape)}"


def _find_corner(different: Array) -> tuple[int, ...]:
    """Return where the piece begins: where there is room, one element before the difference."""
    first = [int(place) for place in np.unravel_index(int(different.argmax()), different.shape)]
    rooms = _ROOMS[-len(first) :]
    sizes = different.shape[-2:]
    last = (
        max(0, min(place - 1, size - room))
        for place, size, room in zip(first[-2:], sizes, rooms, strict=True)
    )
    return (*first[:-2], *last)


def _make_cell(expected: object, got: object, differs: object) -> Cell:
    told = say_number(expected, _DIGITS), say_number(got, _DIGITS)
    if differs and told[0] == told[1]:
        told = tell_apart(expected, got)
    return Cell(expected=told[0], got=told[1], differs=bool(differs))
