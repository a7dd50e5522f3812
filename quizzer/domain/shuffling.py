"""The order of options: drawn from the attempt's seed, kept with the presentation."""

from __future__ import annotations

from random import Random

from quizzer.domain.items import Blank, Item, Kind

_FEWEST_DISTRACTORS = 2  # with fewer, values to choose from would be no choice
_MOST_SHUFFLES = 100  # where there is no order to be had, the last one has to do


def make_random(seed: int, *words: str) -> Random:
    """Return the random source of one purpose; the same seed and words give the same draws."""
    return Random("/".join((str(seed), *words)))  # noqa: S311 - fairness, not secrecy


def draw_option_order(item: Item, *, seed: int, before: tuple[str, ...] = ()) -> tuple[str, ...]:
    """Return the item's option keys in the order to show; empty for typed kinds.

    True and false keep their places, as do the options of an item that asks for it. Lines to put
    in order are always shuffled, and do not come in a right order.

    Args:
        item: of any kind.
        seed: the attempt's.
        before: the order in which the learner saw them last; where they move, it is another one.
    """
    if not (item.kind.is_choice or item.kind.is_sequence):
        return ()
    keys = [option.key for option in item.options]
    random = make_random(seed, "options", item.key)
    if item.kind.is_sequence:
        return _shuffle_apart(item, keys, random, before)
    if not item.shuffle or item.kind is Kind.TRUEFALSE:
        return tuple(keys)
    for _ in range(_MOST_SHUFFLES):
        random.shuffle(keys)
        if tuple(keys) != before:
            break
    return tuple(keys)


def draw_values(item: Item, *, seed: int) -> tuple[tuple[str, str], ...]:
    """Return (name, text) of the item's variables as one of its draws has them, sorted by name.

    Raises:
        IndexError: if the item waits for its draws.
    """
    if item.variants is None:
        return ()
    return tuple(sorted(make_random(seed, "values", item.key).choice(item.draws).items()))


def draw_offered_values(item: Item, *, seed: int) -> tuple[str, ...]:
    """Return values to fill an item's blanks from, mixed; empty with too few wrong ones.

    Of the right values of a blank only the first is among them: two that say the same would tell.

    Args:
        item: of any kind; what has no blanks offers none.
        seed: the attempt's.
    """
    options = [option for blank in item.blanks for option in blank.options if option.value]
    accepted = {option.value for option in options if option.correct}
    wrong = {option.value for option in options} - accepted
    if len(wrong) < _FEWEST_DISTRACTORS:
        return ()
    right = {_find_first_right(blank) for blank in item.blanks}
    values = sorted(wrong | right - {""})
    make_random(seed, "offered", item.key).shuffle(values)
    return tuple(values)


def _find_first_right(blank: Blank) -> str:
    return next((option.value for option in blank.options if option.correct), "")


def _shuffle_apart(
    item: Item, keys: list[str], random: Random, before: tuple[str, ...]
) -> tuple[str, ...]:
    """Shuffle until what belongs is in no right order; in an item of few lines some orders are."""
    belonging = {option.key for option in item.options if option.correct}
    for _ in range(_MOST_SHUFFLES):
        random.shuffle(keys)
        is_right = tuple(key for key in keys if key in belonging) in item.orders
        if not is_right and tuple(keys) != before:
            break
    return tuple(keys)
