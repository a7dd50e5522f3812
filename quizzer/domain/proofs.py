"""What came of running the claims of one content file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum

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
