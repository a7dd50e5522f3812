"""Values and differences in short words: what they say of `got` can steer no terminal."""

from __future__ import annotations

import re
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
_NO_TENSOR = re.compile(r"(?:\ba )?\b(\w+) \(no tensor\)")
_TENSOR = re.compile(r"\w+ tensor of shape \(.*")
_REASON = re.compile(r"no [a-z]+: ")
_VOWELS = "aeiouAEIOU"

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


def with_article(name: str) -> str:
    """Return the name of a type as part of a sentence: an int, a Linear, None."""
    if name == "NoneType":
        return "None"
    return f"{'an' if name.startswith(tuple(_VOWELS)) else 'a'} {name}"


def say_text(text: str) -> str:
    """Return an observed text in quotes, or as a description where `observe` made it of a value."""
    if _NO_TENSOR.fullmatch(text):
        return with_article(_NO_TENSOR.sub(r"\1", text))
    return f"a {short_text(text)}" if _TENSOR.fullmatch(text) else short(text)


def say_reason(value: object) -> str:
    """Return why there is nothing to observe ("no gradient: …") as a sentence, else nothing."""
    if not isinstance(value, str) or not _REASON.match(value):
        return ""
    return _NO_TENSOR.sub(lambda found: with_article(found[1]), printable(value[:NOTE_CHARS]))


def short_text(text: str) -> str:
    """Return a text as it is, cut."""
    shown = printable(text[: TEXT_CHARS + 1])
    return shown if len(shown) <= TEXT_CHARS else shown[: TEXT_CHARS - 1] + "…"


def is_nothing(value: object) -> bool:
    """Whether a value is None, or the description of None."""
    return value is None or value == "NoneType (no tensor)"


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
    return say_text(value) if isinstance(value, str) else _name_number(value)


def _name_number(value: object) -> str:
    shown = say_number(value) if isinstance(value, float) else short(value)
    return f"the {type(value).__name__} {shown}"


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
