"""The comparison of two observations, outside the jail and on numpy alone.

`got` is hostile: it may be anything that the wire lets through, but only plain data, so that
nothing of the submission runs here. Nothing is broadcast and nothing is converted to fit.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from graders.model import Difference
from graders.text import printable
from graders.wire import Opaque, TensorValue

KINDS = ("structure", "shape", "dtype", "device", "requires_grad", "nonfinite", "values")
"""The kinds of difference, in the order in which they are looked for."""

TEXT_CHARS = 120

Array = npt.NDArray[Any]


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

_PLAIN = Tolerance(1e-5, 1e-8)  # a Python float mostly comes from a float32 tensor


@dataclass(frozen=True, slots=True)
class _Pair:
    """Two leaves at the same place of the two observations."""

    where: str
    expected: object
    got: object


def compare(expected: object, got: object, tolerance: float | None = None) -> Difference | None:
    """Return the first difference, or None where the observations agree.

    All of the observation is searched for one kind of difference before the next kind: a wrong
    shape anywhere is told before a wrong value. Integers and floats of equal value agree; a bool
    is no number, a tuple no list, and something that could not be sent agrees with nothing.

    Args:
        expected: the reference's observation.
        got: the submission's.
        tolerance: relative and absolute tolerance of floating values, instead of the dtype's.
    """
    pairs: list[_Pair] = []
    difference = _pair_up(_Pair("", expected, got), pairs)
    if difference is not None:
        return difference
    chosen = None if tolerance is None else Tolerance(tolerance, tolerance)
    for look in (_shape, _dtype, _device, _requires_grad, _nonfinite):
        for pair in pairs:
            difference = look(pair)
            if difference is not None:
                return difference
    found = (_values(pair, chosen) for pair in pairs)
    return next((difference for difference in found if difference is not None), None)


def withhold(difference: Difference) -> Difference:
    """Return what may be told of a hidden check: the kind, and nothing else."""
    return replace(difference, where="", expected="", got="", note="")


def find_opaque(observation: object) -> str | None:
    """Return the place of something that cannot be compared, or None where there is none."""
    for where, leaf in _leaves("", observation):
        if isinstance(leaf, Opaque):
            return f"{where or 'the observation'} is of type {leaf.type_name}"
    return None


def is_guessable(observation: object) -> bool:
    """Whether an observation is a lone bool or None, which a coin could produce."""
    leaves = [leaf for _, leaf in _leaves("", observation)]
    return len(leaves) <= 1 and all(leaf is None or isinstance(leaf, bool) for leaf in leaves)


def _leaves(where: str, value: object) -> Iterator[tuple[str, object]]:
    if isinstance(value, dict):
        for key, child in value.items():
            yield from _leaves(f"{where}[{_short(key)}]", child)
    elif isinstance(value, list | tuple):
        for index, child in enumerate(value):
            yield from _leaves(f"{where}[{index}]", child)
    else:
        yield where, value


def _pair_up(pair: _Pair, pairs: list[_Pair]) -> Difference | None:
    """Walk both observations side by side; collect the leaves until their structure differs."""
    expected, got = pair.expected, pair.got
    if isinstance(expected, dict) and isinstance(got, dict):
        return _pair_keys(pair.where, expected, got, pairs)
    if isinstance(expected, list | tuple) and type(expected) is type(got):
        return _pair_items(pair, expected, got, pairs)
    if _family(expected) != _family(got) or isinstance(got, Opaque):
        return _differ("structure", pair.where, _name(expected), _name(got))
    pairs.append(pair)
    return None


def _pair_keys(
    where: str,
    expected: dict[object, object],
    got: dict[object, object],
    pairs: list[_Pair],
) -> Difference | None:
    missing = [key for key in expected if key not in got]
    extra = [key for key in got if key not in expected]
    if missing or extra:
        key = (missing or extra)[0]
        note = f"{len(missing)} of {len(expected)} keys missing, {len(extra)} unexpected"
        told = ("present", "missing") if missing else ("absent", "present")
        return _differ("structure", f"{where}[{_short(key)}]", *told, note=note)
    return _first(
        _pair_up(_Pair(f"{where}[{_short(key)}]", value, got[key]), pairs)
        for key, value in expected.items()
    )


def _pair_items(
    pair: _Pair,
    expected: list[object] | tuple[object, ...],
    got: list[object] | tuple[object, ...],
    pairs: list[_Pair],
) -> Difference | None:
    if len(expected) != len(got):
        return _differ("structure", pair.where, _name(expected), _name(got))
    return _first(
        _pair_up(_Pair(f"{pair.where}[{index}]", *both), pairs)
        for index, both in enumerate(zip(expected, got, strict=True))
    )


def _first(differences: Iterator[Difference | None]) -> Difference | None:
    return next((difference for difference in differences if difference is not None), None)


def _family(value: object) -> str:
    if isinstance(value, bool):
        return "bool"
    return "number" if isinstance(value, int | float) else type(value).__name__


def _name(value: object) -> str:
    """Say what kind of thing a value is, with the little that tells it apart."""
    if value is None:
        return "None"
    if isinstance(value, TensorValue):
        return f"a {value.dtype} tensor of shape {_tuple(value.shape)}"
    if isinstance(value, Opaque):
        return f"an object of type {printable(value.type_name)}"
    if isinstance(value, dict):
        return f"a dict of {len(value)} key{'s' if len(value) != 1 else ''}"
    if isinstance(value, list | tuple):
        return f"a {type(value).__name__} of length {len(value)}"
    return (
        _short(value) if isinstance(value, str) else f"the {type(value).__name__} {_short(value)}"
    )


def _shape(pair: _Pair) -> Difference | None:
    expected, got = pair.expected, pair.got
    if not (isinstance(expected, TensorValue) and isinstance(got, TensorValue)):
        return None
    return _differ_if("shape", pair.where, _tuple(expected.shape), _tuple(got.shape))


def _dtype(pair: _Pair) -> Difference | None:
    return _attribute("dtype", pair, lambda tensor: tensor.dtype)


def _device(pair: _Pair) -> Difference | None:
    return _attribute("device", pair, lambda tensor: tensor.device)


def _requires_grad(pair: _Pair) -> Difference | None:
    return _attribute("requires_grad", pair, lambda tensor: str(tensor.requires_grad))


def _attribute(kind: str, pair: _Pair, read: Callable[[TensorValue], str]) -> Difference | None:
    expected, got = pair.expected, pair.got
    if not (isinstance(expected, TensorValue) and isinstance(got, TensorValue)):
        return None
    return _differ_if(kind, pair.where, read(expected), printable(read(got)))


def _nonfinite(pair: _Pair) -> Difference | None:
    expected, got = _arrays(pair)
    if expected is None or got is None or not _is_inexact(expected):
        return None
    # NaN in the same places and infinities of the same sign are agreement.
    same = (np.isnan(expected) == np.isnan(got)) & (_infinity(expected) == _infinity(got))
    return _differ_at("nonfinite", pair, expected, got, ~same)


def _values(pair: _Pair, chosen: Tolerance | None) -> Difference | None:
    expected, got = _arrays(pair)
    if expected is None or got is None:
        return _plain_values(pair)
    if not _is_inexact(expected):
        return _differ_at("values", pair, expected, got, expected != got)
    tolerance = chosen or _default_tolerance(pair.expected)
    with np.errstate(all="ignore"):
        far = np.abs(got - expected) > tolerance.absolute + tolerance.relative * np.abs(expected)
    return _differ_at("values", pair, expected, got, far & np.isfinite(expected))


def _plain_values(pair: _Pair) -> Difference | None:
    """Compare what has no numeric tolerance: None, bool, str, bytes and two integers."""
    if isinstance(pair.expected, TensorValue) or pair.expected == pair.got:
        return None
    told = _short(pair.expected), _short(pair.got)
    note = "" if told[0] != told[1] else "they differ further on"
    return _differ("values", pair.where, *told, note=note)


def _arrays(pair: _Pair) -> tuple[Array | None, Array | None]:
    """Return both leaves as arrays of one shape, or None for what is neither number nor data."""
    expected, got = pair.expected, pair.got
    if isinstance(expected, TensorValue) and isinstance(got, TensorValue):
        if expected.array is None or got.array is None:
            return None, None
        return _widen(expected.array), _widen(got.array)
    both_integers = isinstance(expected, int) and isinstance(got, int)
    if _family(expected) == "number" and not both_integers:
        return _number(expected), _number(got)
    return None, None


def _widen(array: Array) -> Array:
    if array.dtype.kind == "f":
        return array.astype(np.float64)
    return array.astype(np.complex128) if array.dtype.kind == "c" else array


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


def _default_tolerance(expected: object) -> Tolerance:
    return TOLERANCES.get(expected.dtype, EXACT) if isinstance(expected, TensorValue) else _PLAIN


def _differ_at(
    kind: str,
    pair: _Pair,
    expected: Array,
    got: Array,
    different: Array,
) -> Difference | None:
    """Report the first differing element of two arrays; None where no element differs."""
    if not different.any():
        return None
    first = np.unravel_index(int(different.argmax()), different.shape)
    index = tuple(int(place) for place in first)
    told = _tell_apart(expected[index], got[index])
    where = pair.where + (f"[{', '.join(map(str, index))}]" if index else "")
    return _differ(kind, where, *told, note=_extent(expected, got, different))


def _extent(expected: Array, got: Array, different: Array) -> str:
    if different.size == 1:
        return ""
    share = f"{int(different.sum())} of {different.size} elements differ"
    if different.dtype == bool and expected.dtype.kind == "b":
        return share
    with np.errstate(all="ignore"):
        error = np.abs(_widen_all(got) - _widen_all(expected))[different]
    finite = error[np.isfinite(error)]
    return f"{share}, by up to {float(finite.max()):.6g}" if finite.size else share


def _widen_all(array: Array) -> Array:
    return array.astype(np.complex128 if array.dtype.kind == "c" else np.float64)


def _tell_apart(expected: object, got: object) -> tuple[str, str]:
    """Write two numbers with six digits, or with all where these would not tell them apart."""
    short = _digits(expected, 6), _digits(got, 6)
    return short if short[0] != short[1] else (_digits(expected, 17), _digits(got, 17))


def _digits(value: object, digits: int) -> str:
    if isinstance(value, np.complexfloating):
        return f"{_digits(value.real, digits)}{value.imag:+.{digits}g}j"
    if isinstance(value, np.floating):
        return f"{float(value):.{digits}g}"
    return str(value)


def _differ_if(kind: str, where: str, expected: str, got: str) -> Difference | None:
    return None if expected == got else _differ(kind, where, expected, got)


def _differ(kind: str, where: str, expected: str, got: str, *, note: str = "") -> Difference:
    return Difference(
        kind=kind,
        where=where[:TEXT_CHARS],
        expected=expected[:TEXT_CHARS],
        got=got[:TEXT_CHARS],
        note=note,
    )


def _tuple(shape: tuple[int, ...]) -> str:
    return str(tuple(shape))


def _short(value: object) -> str:
    text = printable(repr(value))
    return text if len(text) <= TEXT_CHARS else text[: TEXT_CHARS - 1] + "…"
