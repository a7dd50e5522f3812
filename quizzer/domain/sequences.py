"""Lines to put in order: how a page names them, and how near an order is to a right one.

The keys of the lines tell their right order, so a page names each line by the place at which it
was shown: "1", "2" and so on.
"""

from __future__ import annotations

from collections.abc import Sequence

from quizzer.domain.items import Item
from quizzer.errors import InvalidResponseError


def name_lines(order: Sequence[str], keys: Sequence[str]) -> tuple[str, ...]:
    """Return the names on the page of the lines with these keys.

    Args:
        order: all keys in the order in which the lines were shown.
        keys: those wanted.
    """
    return tuple(str(order.index(key) + 1) for key in keys)


def find_lines(order: Sequence[str], names: Sequence[str]) -> tuple[str, ...]:
    """Return the keys of the lines that a page named so.

    Raises:
        InvalidResponseError: for a name that no line was shown with.
    """
    keys = {str(place): key for place, key in enumerate(order, start=1)}
    if not keys.keys() >= set(names):
        raise InvalidResponseError(
            "This question has no such line. Please go back to it and answer it there."
        )
    return tuple(keys[name] for name in names)


def list_right_places(item: Item, keys: Sequence[str]) -> frozenset[str]:
    """Return the keys of the lines that stand where the nearest right order has them.

    Places are counted without the lines that do not belong.
    """
    used = _drop_foreign(item, keys)
    return max((_match(order, used) for order in item.orders), key=len, default=frozenset())


def score_places(item: Item, keys: Sequence[str]) -> float:
    """Return (lines at their right place - lines that do not belong) / lines, never below 0."""
    total = len(item.orders[0]) if item.orders else 0
    foreign = len(keys) - len(_drop_foreign(item, keys))
    return max(0.0, (len(list_right_places(item, keys)) - foreign) / total) if total else 0.0


def _drop_foreign(item: Item, keys: Sequence[str]) -> list[str]:
    belonging = {option.key for option in item.options if option.correct}
    return [key for key in keys if key in belonging]


def _match(order: Sequence[str], used: Sequence[str]) -> frozenset[str]:
    return frozenset(key for key, wanted in zip(used, order, strict=False) if key == wanted)
