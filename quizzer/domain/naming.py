"""What a page calls the options of a question: never by the author's keys.

The keys of lines tell their right order, and authors have habits with the letters of a choice: over
many questions these would tell more than chance. So lines go by the place at which they were shown,
and options of a choice by where their texts come when sorted, which is plain to see. That stays as
it is when their order is drawn anew, so a page that lies open still means what it shows.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from quizzer.domain.items import Item
from quizzer.domain.sequences import find_lines, name_lines
from quizzer.errors import InvalidResponseError


def name_options(item: Item) -> Mapping[str, str]:
    """Return the names on the page of the options of a choice, by their keys."""
    ordered = sorted(item.options, key=lambda option: option.text.source)
    return {option.key: str(place) for place, option in enumerate(ordered, start=1)}


def name_keys(item: Item, order: Sequence[str], keys: Sequence[str]) -> tuple[str, ...]:
    """Return what the page calls the options with these keys.

    Args:
        item: of any kind; what is neither a choice nor a sequence keeps its keys.
        order: all keys in the order in which they were shown.
        keys: those wanted.
    """
    if item.kind.is_sequence:
        return name_lines(order, keys)
    if not item.kind.is_choice:
        return tuple(keys)
    names = name_options(item)
    return tuple(names[key] for key in keys)


def find_keys(item: Item, order: Sequence[str], names: Sequence[str]) -> tuple[str, ...]:
    """Return the keys of the options that a page called so, as `name_keys` did.

    Raises:
        InvalidResponseError: for a name that no option has.
    """
    if item.kind.is_sequence:
        return find_lines(order, names)
    if not item.kind.is_choice:
        return tuple(names)
    keys = {name: key for key, name in name_options(item).items()}
    if not keys.keys() >= set(names):
        raise InvalidResponseError(
            "This question has no such option. Please go back to it and answer it there."
        )
    return tuple(keys[name] for name in names)
