"""The order of options: drawn from the attempt's seed, kept with the presentation."""

from __future__ import annotations

from random import Random

from quizzer.domain.items import Item, Kind


def make_random(seed: int, *words: str) -> Random:
    """Return the random source of one purpose; the same seed and words give the same draws."""
    return Random("/".join((str(seed), *words)))  # noqa: S311 - fairness, not secrecy


def draw_option_order(item: Item, *, seed: int) -> tuple[str, ...]:
    """Return the item's option keys in the order to show; empty for typed kinds.

    True and false keep their places, as do the options of an item that asks for it.
    """
    if not item.kind.is_choice:
        return ()
    keys = [option.key for option in item.options]
    if item.shuffle and item.kind is not Kind.TRUEFALSE:
        make_random(seed, "options", item.key).shuffle(keys)
    return tuple(keys)
