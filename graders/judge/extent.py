"""How far two arrays of one shape are apart, in words."""

from __future__ import annotations

import numpy as np

from graders.judge.words import Array, say_index

_FACTORS = {
    2.0: "2 times",
    0.5: "half",
    -1.0: "minus",
    -2.0: "-2 times",
    -0.5: "minus half",
    3.0: "3 times",
    4.0: "4 times",
    0.25: "a quarter of",
}
_SAME_FACTOR = 1e-3


def say_extent(expected: Array, got: Array, different: Array) -> str:
    """Say how many elements differ, by how much at most and where, and by which factor.

    Args:
        expected: of any shape and dtype.
        got: of the same.
        different: bool of the same shape, at least one of them True.
    """
    parts = [_say_error(expected, got, different), _say_factor(expected, got)]
    return "; ".join(filter(None, parts))


def _say_error(expected: Array, got: Array, different: Array) -> str:
    with np.errstate(all="ignore"):
        error = np.abs(_widen(got) - _widen(expected))
    error = np.where(different & np.isfinite(error), error, -1.0)
    largest, count = float(error.max()), int(different.sum())
    is_told = largest >= 0 and expected.dtype.kind != "b"
    if different.size == 1:
        return f"off by {largest:.6g}" if is_told else ""
    share = f"{count} of {different.size} elements differ"
    if not is_told:
        return share
    place = np.unravel_index(int(error.argmax()), error.shape)
    at = f" at {say_index(tuple(map(int, place)))}" if count > 1 else ""
    return f"{share}, by up to {largest:.6g}{at}"


def _say_factor(expected: Array, got: Array) -> str:
    """Say that all elements are off by one simple factor, where they are: a lost ½, a sign."""
    numbers = _widen(expected), _widen(got)
    if expected.dtype.kind == "b" or not all(
        np.isfinite(array).all() and array.all() for array in numbers
    ):
        return ""
    with np.errstate(all="ignore"):
        ratio = numbers[1] / numbers[0]
    for factor, words in _FACTORS.items():
        if (np.abs(ratio - factor) <= _SAME_FACTOR * abs(factor)).all():
            return f"{words} what is expected{' everywhere' if ratio.size > 1 else ''}"
    return ""


def _widen(array: Array) -> Array:
    return array.astype(np.complex128 if array.dtype.kind == "c" else np.float64)
