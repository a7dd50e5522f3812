"""Two observations walked side by side: pairs of leaves, where they lie, what they stand for."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from graders.judge.words import differ, is_nothing, name_of, say_reason, short
from graders.model import Difference
from graders.wire import Opaque, TensorValue

# What `graders.checks.observe` writes into its dicts; it imports torch, so it cannot be asked.
OBSERVED = "(observed)"
STATE = "state of a model"
INPUTS = "inputs after a call"
GENERATOR_BYTES = 5056
"""How long the state of torch's CPU generator is."""

_SECTIONS = {
    "parameters": "the model's parameters are not left as they must be",
    "buffers": "the model's buffers are not left as they must be",
    "gradients": "the gradients (.grad) are not left as they must be",
    "training": "the mode is not left as it must be (True is training, False is evaluation)",
}
_NO_RETURN = "a function without `return` returns None"
_RETURNED = re.compile(r"(\[\d+\])*")  # what has a name may be an attribute or a gradient
_GENERATOR = (
    "the random generator is not left as it must be: numbers were drawn from it, or it was seeded"
)


@dataclass(frozen=True, slots=True)
class Pair:
    """Two values at the same place of the two observations.

    Attributes:
        where: the place, as Python would index it.
        meaning: what it means if they differ, in words, or empty. It comes from `expected` only.
    """

    where: str
    expected: object
    got: object
    meaning: str = ""


def pair_up(expected: object, got: object, pairs: list[Pair]) -> Difference | None:
    """Collect the pairs of leaves in `pairs`, or return where the structure differs."""
    return _walk(Pair("", expected, got), pairs)


def explain(difference: Difference, meaning: str) -> Difference:
    """Add to a difference what it means."""
    note = "; ".join(filter(None, [difference.note, meaning]))
    return replace(difference, note=note)


def leaves(where: str, value: object) -> Iterator[tuple[str, object]]:
    """Yield every leaf of an observation with its place."""
    if isinstance(value, dict):
        for key, child in value.items():
            yield from leaves(f"{where}[{short(key)}]", child)
    elif isinstance(value, list | tuple):
        for index, child in enumerate(value):
            yield from leaves(f"{where}[{index}]", child)
    else:
        yield where, value


def family(value: object) -> str:
    """Return what a value must have in common with another one to be compared with it."""
    if isinstance(value, bool):
        return "bool"
    return "number" if isinstance(value, int | float) else type(value).__name__


def _walk(pair: Pair, pairs: list[Pair]) -> Difference | None:
    expected, got = pair.expected, pair.got
    if isinstance(expected, dict) and isinstance(got, dict):
        return _walk_keys(pair, expected, got, pairs)
    if isinstance(expected, list | tuple) and type(expected) is type(got):
        return _walk_items(pair, expected, got, pairs)
    if family(expected) != family(got) or isinstance(got, Opaque):
        return _differ_in_structure(pair)
    pairs.append(_with_meaning_of_form(pair))
    return None


def _walk_keys(
    pair: Pair,
    expected: dict[object, object],
    got: dict[object, object],
    pairs: list[Pair],
) -> Difference | None:
    missing = [key for key in expected if key not in got]
    extra = [key for key in got if key not in expected]
    if missing or extra:
        key = (missing or extra)[0]
        note = f"{len(missing)} of {len(expected)} keys missing, {len(extra)} unexpected"
        told = ("present", "missing") if missing else ("absent", "present")
        place = f"{pair.where}[{short(key)}]"
        return explain(differ("structure", place, *told, note=note), pair.meaning)
    return _first(
        _walk(
            Pair(f"{pair.where}[{short(key)}]", value, got[key], _meaning(pair, expected, key)),
            pairs,
        )
        for key, value in expected.items()
    )


def _walk_items(
    pair: Pair,
    expected: Sequence[object],
    got: Sequence[object],
    pairs: list[Pair],
) -> Difference | None:
    if len(expected) != len(got):
        return _differ_in_structure(pair)
    return _first(
        _walk(Pair(f"{pair.where}[{index}]", *both, pair.meaning), pairs)
        for index, both in enumerate(zip(expected, got, strict=True))
    )


def _first(differences: Iterator[Difference | None]) -> Difference | None:
    return next((difference for difference in differences if difference is not None), None)


def _differ_in_structure(pair: Pair) -> Difference:
    reason = "" if isinstance(pair.expected, str) else say_reason(pair.got)
    if reason:
        return explain(differ("structure", pair.where, "", "", note=reason), pair.meaning)
    told = name_of(pair.expected), name_of(pair.got)
    difference = differ("structure", pair.where, *told, note=explain_nothing(pair))
    return explain(difference, pair.meaning)


def explain_nothing(pair: Pair) -> str:
    """Say where None comes from in place of what a function should have returned."""
    if not is_nothing(pair.got) or is_nothing(pair.expected):
        return ""
    # A bare None within a list may be anything: a gradient, or a dtype where there is no tensor.
    is_returned = not pair.where if pair.got is None else _RETURNED.fullmatch(pair.where)
    return _NO_RETURN if is_returned else ""


def _meaning(pair: Pair, expected: dict[object, object], key: object) -> str:
    """Say what it means that an entry of this dict differs, from the mark that observe left."""
    mark = expected.get(OBSERVED)
    if mark == INPUTS:
        own = f"the input {short(key)} is not left as it must be: was it changed in place?"
    elif mark == STATE:
        own = _SECTIONS.get(str(key), "")
    else:
        own = ""
    return "; ".join(filter(None, [pair.meaning, own]))


def _with_meaning_of_form(pair: Pair) -> Pair:
    value = pair.expected
    if (
        isinstance(value, TensorValue)
        and value.dtype == "uint8"
        and value.shape == (GENERATOR_BYTES,)
    ):
        return replace(pair, meaning="; ".join(filter(None, [pair.meaning, _GENERATOR])))
    return pair
