"""Equality with the reference, up to a tolerance: the judge of every check that names no other."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from graders.judge.excerpts import cut_excerpt
from graders.judge.extent import say_extent
from graders.judge.places import Pair, explain, explain_nothing, family, pair_up
from graders.judge.words import (
    Array,
    differ,
    say_index,
    say_shape,
    say_text,
    short,
    tell_apart,
)
from graders.model import Difference
from graders.text import printable
from graders.wire import TensorValue

KINDS = (
    "structure",
    "shape",
    "dtype",
    "device",
    "requires_grad",
    "nonfinite",
    "values",
    "judged",
)
"""The kinds of difference, in the order in which they are looked for; `judged` is for a check that
names a judge of its own."""


@dataclass(frozen=True, slots=True)
class Tolerance:
    """`|got - expected| <= absolute + relative * |expected|`, element by element."""

    relative: float
    absolute: float


EXACT = Tolerance(0.0, 0.0)
_DOUBLE = Tolerance(1e-9, 1e-11)
_SINGLE = Tolerance(1e-4, 1e-6)
TOLERANCES = {
    "float64": _DOUBLE,
    "complex128": _DOUBLE,
    "float32": _SINGLE,
    "complex64": _SINGLE,
    "float16": Tolerance(5e-3, 1e-4),
    "bfloat16": Tolerance(3e-2, 1e-3),
}
"""Per dtype; every other dtype (integers, bool) is compared exactly."""

_CUDA_DOUBLE = Tolerance(1e-8, 1e-10)
_CUDA_SINGLE = Tolerance(3e-4, 1e-5)
CUDA_TOLERANCES = {
    "float64": _CUDA_DOUBLE,
    "complex128": _CUDA_DOUBLE,
    "float32": _CUDA_SINGLE,
    "complex64": _CUDA_SINGLE,
    "float16": Tolerance(1e-2, 1e-3),
    "bfloat16": Tolerance(5e-2, 5e-3),
}
"""The same for tensors on a CUDA device: its sums are made in another order at each size and, with
atomic additions, in each run. TF32 is off, so float32 has its full mantissa there as well."""

_PLAIN = Tolerance(1e-5, 1e-8)  # a Python float mostly comes from a float32 tensor
_CUDA_PLAIN = Tolerance(1e-4, 1e-6)


def compare(
    expected: object,
    got: object,
    tolerance: float | Tolerance | None = None,
    *,
    device: str = "cpu",
) -> Difference | None:
    """Return the first difference, or None where the observations agree.

    All of the observation is searched for one kind of difference before the next kind: a wrong
    shape anywhere is told before a wrong value. Integers and floats of equal value agree; a bool
    is no number, a tuple no list, and something that could not be sent agrees with nothing.

    Args:
        expected: the reference's observation.
        got: the submission's.
        tolerance: of floating values, instead of the dtype's; a number is both the relative and
            the absolute one.
        device: where both were made, cpu or cuda; a plain number does not show it.
    """
    pairs: list[Pair] = []
    difference = pair_up(expected, got, pairs)
    if difference is not None:
        return difference
    difference = _search(pairs, (*_FORM, _device, _requires_grad))
    if difference is not None:
        return difference
    chosen = Tolerance(tolerance, tolerance) if isinstance(tolerance, int | float) else tolerance
    others = [pair for pair in pairs if not _has_same_bytes(pair)]
    return _search(others, (_nonfinite, lambda pair: _values(pair, chosen, device)))


def _has_same_bytes(pair: Pair) -> bool:
    """Whether two tensors of one form agree to the last bit, NaN included; right ones mostly do."""
    expected, got = pair.expected, pair.got
    if not (isinstance(expected, TensorValue) and isinstance(got, TensorValue)):
        return False
    if expected.array is None or got.array is None:
        return False
    return expected.array.tobytes() == got.array.tobytes()


def pair_alike(expected: object, got: object, pairs: list[Pair]) -> Difference | None:
    """Collect the pairs of leaves in `pairs`, or return where structure, shape or dtype differ."""
    return pair_up(expected, got, pairs) or _search(pairs, _FORM)


def find_other_form(where: str, expected: object, got: object) -> Difference | None:
    """Return in which of structure, shape and dtype two values at one place differ, or None."""
    difference = pair_alike(expected, got, [])
    return difference and replace(difference, where=where + difference.where)


def withhold(difference: Difference) -> Difference:
    """Return what may be told of a hidden check: the kind, and nothing else."""
    return Difference(kind=difference.kind)


def as_numbers(value: object) -> Array | None:
    """Return a number or a tensor as float64, complex128 or its own integers; else None."""
    if isinstance(value, TensorValue):
        return None if value.array is None else widen(value.array)
    return _number(value) if family(value) == "number" else None


def widen(array: Array) -> Array:
    """Return an array in the widest type of its kind, integers and bools as they are."""
    with np.errstate(invalid="ignore"):  # a signalling NaN becomes a quiet one
        if array.dtype.kind == "f":
            return array.astype(np.float64)
        return array.astype(np.complex128) if array.dtype.kind == "c" else array


def differ_at(
    kind: str,
    pair: Pair,
    expected: Array,
    got: Array,
    different: Array,
) -> Difference | None:
    """Report the first differing element of two arrays; None where no element differs."""
    if not different.any():
        return None
    first = np.unravel_index(int(different.argmax()), different.shape)
    index = tuple(int(place) for place in first)
    told = tell_apart(expected[index], got[index])
    note = say_extent(expected, got, different)
    difference = differ(kind, pair.where + say_index(index), *told, note=note)
    marked = different | _is_far(expected, got) if kind == "nonfinite" else different
    excerpt = cut_excerpt(pair.expected, pair.got, (expected, got), marked)
    return replace(difference, excerpt=excerpt)


def _is_far(expected: Array, got: Array) -> Array:
    """Whether elements are apart by more than rounding, where nobody has looked at that yet."""
    return ~np.isclose(got, expected, rtol=1e-3, equal_nan=True)


Look = Callable[[Pair], Difference | None]


def _search(pairs: Sequence[Pair], looks: Sequence[Look]) -> Difference | None:
    """Return the first difference that the looks find, each over all pairs before the next."""
    for look in looks:
        for pair in pairs:
            difference = look(pair)
            if difference is not None:
                return explain(difference, pair.meaning)
    return None


def _shape(pair: Pair) -> Difference | None:
    return _attribute("shape", pair, lambda tensor: say_shape(tensor.shape))


def _dtype(pair: Pair) -> Difference | None:
    return _attribute("dtype", pair, lambda tensor: tensor.dtype)


def _device(pair: Pair) -> Difference | None:
    return _attribute("device", pair, lambda tensor: tensor.device)


def _requires_grad(pair: Pair) -> Difference | None:
    return _attribute("requires_grad", pair, lambda tensor: str(tensor.requires_grad))


_FORM = (_shape, _dtype)


def _attribute(kind: str, pair: Pair, read: Callable[[TensorValue], str]) -> Difference | None:
    expected, got = pair.expected, pair.got
    if not (isinstance(expected, TensorValue) and isinstance(got, TensorValue)):
        return None
    told = read(expected), printable(read(got))
    if told[0] == told[1]:
        return None
    return replace(differ(kind, pair.where, *told), excerpt=cut_excerpt(expected, got))


def _nonfinite(pair: Pair) -> Difference | None:
    expected, got = _arrays(pair)
    if expected is None or got is None or not _is_inexact(expected):
        return None
    same = (np.isnan(expected) == np.isnan(got)) & (_infinity(expected) == _infinity(got))
    return differ_at("nonfinite", pair, expected, got, ~same)


def _values(pair: Pair, chosen: Tolerance | None, device: str) -> Difference | None:
    expected, got = _arrays(pair)
    if expected is None or got is None:
        return _plain_values(pair)
    if not _is_inexact(expected):
        return differ_at("values", pair, expected, got, expected != got)
    tolerance = chosen or _default_tolerance(pair.expected, device)
    with np.errstate(all="ignore"):
        far = np.abs(got - expected) > tolerance.absolute + tolerance.relative * np.abs(expected)
    return differ_at("values", pair, expected, got, far & np.isfinite(expected))


def _plain_values(pair: Pair) -> Difference | None:
    """Compare what has no numeric tolerance: None, bool, str, bytes and two integers."""
    if isinstance(pair.expected, TensorValue) or pair.expected == pair.got:
        return None
    told = _say_plain(pair.expected), _say_plain(pair.got)
    note = explain_nothing(pair) if told[0] != told[1] else "they differ further on"
    return differ("values", pair.where, *told, note=note)


def _say_plain(value: object) -> str:
    return say_text(value) if isinstance(value, str) else short(value)


def _arrays(pair: Pair) -> tuple[Array | None, Array | None]:
    """Return both leaves as arrays of one shape, or None for what is neither number nor data."""
    if isinstance(pair.expected, int) and isinstance(pair.got, int):
        return None, None
    expected, got = as_numbers(pair.expected), as_numbers(pair.got)
    return (None, None) if expected is None or got is None else (expected, got)


def _number(value: object) -> Array:
    try:
        return np.asarray(float(value), dtype=np.float64)  # type: ignore[arg-type]
    except OverflowError:
        return np.asarray(math.inf)


def _is_inexact(array: Array) -> bool:
    return array.dtype.kind in "fc"


def _infinity(array: Array) -> Array:
    """Return 0 where finite or NaN; otherwise something that tells the infinities apart."""
    if array.dtype.kind == "c":
        return np.asarray(_infinity(array.real) + 3 * _infinity(array.imag))
    return np.asarray(np.where(np.isinf(array), np.sign(array), 0.0))


def _default_tolerance(expected: object, device: str) -> Tolerance:
    if isinstance(expected, TensorValue):
        is_cuda = expected.device.startswith("cuda")
        return (CUDA_TOLERANCES if is_cuda else TOLERANCES).get(expected.dtype, EXACT)
    return _CUDA_PLAIN if device == "cuda" else _PLAIN
