"""Values and differences in short words: what they say of `got` can steer no terminal."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from graders.model import Difference
from graders.text import printable
from graders.wire import Opaque, TensorValue

TEXT_CHARS = 120
NOTE_CHARS = 400
_SHOWN_ITEMS = 4
_SHOWN = (str, int, float, bool, type(None))

Array = npt.NDArray[Any]


def differ(kind: str, where: str, expected: str, got: str, *, note: str = "") -> Difference:
    """Return a difference whose texts are cut to what a report has room for."""
    return Difference(
        kind=kind,
        where=where[:TEXT_CHARS],
        expected=expected[:TEXT_CHARS],
        got=got[:TEXT_CHARS],
        note=note[:NOTE_CHARS],
    )


def short(value: object) -> str:
    """Return a value's repr, cut."""
    text = printable(repr(value))
    return text if len(text) <= TEXT_CHARS else text[: TEXT_CHARS - 1] + "…"


def name_of(value: object) -> str:
    """Say what kind of thing a value is, with the little that tells it apart."""
    if value is None:
        return "None"
    if isinstance(value, TensorValue):
        return f"a {value.dtype} tensor of shape {say_shape(value.shape)}"
    if isinstance(value, Opaque):
        return f"an object of type {printable(value.type_name)}"
    if isinstance(value, dict):
        return f"a dict of {len(value)} key{'s' if len(value) != 1 else ''}"
    if isinstance(value, list | tuple):
        named = f"a {type(value).__name__} of length {len(value)}"
        plain = len(value) <= _SHOWN_ITEMS and all(type(item) in _SHOWN for item in value)
        return f"{named}: {short(value)}" if plain and value else named
    return short(value) if isinstance(value, str) else f"the {type(value).__name__} {short(value)}"


def say_shape(shape: tuple[int, ...]) -> str:
    """Return a shape as Python writes it."""
    return str(tuple(shape))


def say_index(index: tuple[int, ...]) -> str:
    """Return an index as Python writes it; empty for that of a 0-dim array."""
    return f"[{', '.join(map(str, index))}]" if index else ""


def tell_apart(expected: object, got: object) -> tuple[str, str]:
    """Write two numbers with six digits, or with all where these would not tell them apart."""
    few = say_number(expected), say_number(got)
    return few if few[0] != few[1] else (say_number(expected, 17), say_number(got, 17))


def say_number(value: object, digits: int = 6) -> str:
    """Return a number of Python or numpy with so many digits."""
    if isinstance(value, np.complexfloating):
        return f"{say_number(value.real, digits)}{value.imag:+.{digits}g}j"
    if isinstance(value, float | np.floating):
        return f"{float(value):.{digits}g}"
    return str(value)
