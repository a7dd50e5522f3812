"""What came of running the claims of one content file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any

from quizzer.domain.items import Bank, Item

Contradiction = tuple[int, str, str]
"""Line, code and message of what a proof found wrong; the file is known from elsewhere."""


class ProofState(StrEnum):
    """How far the proofs of a file are."""

    WAITING = "waiting"  # a worker knows of the file and will come to it
    PASSED = "passed"
    FAILED = "failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What running an item's proof brought to light that its author did not write.

    Attributes:
        orders: right orders of option keys besides the author's.
        draws: values of the variables, name to text, one per seed.
    """

    orders: tuple[tuple[str, ...], ...] = ()
    draws: tuple[Mapping[str, str], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """The outcome of one file's proofs.

    Attributes:
        contradictions: what is wrong, by line; none unless it failed.
        found: by the id of the item within its bank; only of items of which something was found.
    """

    state: ProofState
    contradictions: tuple[Contradiction, ...] = ()
    found: Mapping[str, Found] = field(default_factory=dict)


def write_found(found: Found) -> dict[str, Any]:
    """Return what was found as plain data, without what was not found."""
    orders = [list(order) for order in found.orders]
    draws = [dict(draw) for draw in found.draws]
    return {name: value for name, value in (("orders", orders), ("draws", draws)) if value}


def read_found(plain: object) -> Found:
    """Read what `write_found` made.

    Raises:
        ValueError: if it did not make this.
    """
    try:
        return _read_found(plain)
    except (AttributeError, TypeError) as error:
        raise ValueError(f"this is not what a proof found ({error})") from error


def _read_found(plain: Any) -> Found:  # noqa: ANN401 - it comes from a file
    return Found(
        orders=tuple(tuple(map(_require_text, order)) for order in plain.get("orders", ())),
        draws=tuple(
            {_require_text(name): _require_text(text) for name, text in draw.items()}
            for draw in plain.get("draws", ())
        ),
    )


def _require_text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError(f"{type(value).__name__} where text should be")
    return value


def complete_bank(bank: Bank, found: Mapping[str, Found]) -> Bank:
    """Return the bank with what the proofs of its items found."""
    return replace(
        bank, items=tuple(_complete(item, found.get(item.id, Found())) for item in bank.items)
    )


def _complete(item: Item, found: Found) -> Item:
    if not (found.orders or found.draws):
        return item
    orders = tuple(dict.fromkeys((*item.orders, *found.orders)))
    return replace(item, orders=orders, draws=found.draws)
