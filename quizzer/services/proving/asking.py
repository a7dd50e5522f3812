"""The codes that a proof's `ok` is asked about: gaps filled in, options tried, lines in order."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from quizzer.banks.fences import BLANK, list_fences
from quizzer.domain.items import Blank, Item, Kind, Option

MOST_FILLINGS = 1000
ALL_ORDERS_UP_TO = 7  # pieces: 5,040 orders
WITH_CODE = (Kind.SINGLE, Kind.MULTI, Kind.SHORT)
"""The kinds whose options may be code, of which `ok` says whether it is right."""

_TICK_OR_REFUSE = "not every value is ticked: tick what is right, or let `ok` refuse it"
_OK = re.compile(r"\bok\b")


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """A code that `ok` is asked about.

    Attributes:
        options: what it was made of, to whose lines a complaint goes.
        name: how complaints call it.
        claim: why the author holds that it passes, or does not.
        is_right: whether the author holds that it passes.
    """

    options: tuple[Option, ...]
    code: str
    name: str
    claim: str
    is_right: bool


def list_trials(item: Item) -> tuple[Trial, ...]:
    """Return what `ok` is to be asked; nothing where there is no code to ask about, or no `ok`."""
    if item.blanks:
        return tuple(_fill_in(item))
    if item.kind.is_sequence:
        return tuple(_line_up(item))
    if has_code_options(item) and item.verify and _OK.search(item.verify.code):
        return tuple(_try_option(option) for option in item.options)
    return ()


def has_code_options(item: Item) -> bool:
    """Whether every option is a piece of code."""
    codes = [find_snippet(option) for option in item.options]
    return item.kind in WITH_CODE and bool(codes) and all(codes)


def list_pieces(item: Item) -> tuple[str, ...]:
    """Return the pieces of a sequence in the author's order; nothing for other kinds."""
    if not item.kind.is_sequence:
        return ()
    return tuple(_find_piece(option) for option in item.options if option.correct)


def list_near_orders(count: int) -> tuple[tuple[int, ...], ...] | None:
    """Return the orders of many pieces that are tried: every swap of two, every move of one.

    None for few: then all orders are.
    """
    if count <= ALL_ORDERS_UP_TO:
        return None
    own = tuple(range(count))
    near: dict[tuple[int, ...], None] = {}
    for one, two in itertools.combinations(own, 2):
        near[tuple({one: two, two: one}.get(index, index) for index in own)] = None
    for one, place in itertools.permutations(own, 2):
        moved = [index for index in own if index != one]
        moved.insert(place, one)
        near[tuple(moved)] = None
    return tuple(near)


def find_snippet(option: Option) -> str:
    """Return the code that an option is: its code span, or its one Python block; else nothing."""
    fences = [] if option.value else list_fences(option.text)
    is_block = len(fences) == 1 and fences[0].language == "python"
    return fences[0].code.rstrip("\n") if is_block else option.value


def list_gaps(text: str, blanks: Sequence[Blank]) -> set[str]:
    """Return the names of the blanks that a text has."""
    return set(BLANK.findall(text)) & {blank.name for blank in blanks}


def shorten(text: str) -> str:
    """Return a text as Python writes it, no longer than a line."""
    return repr(text if len(text) <= 80 else f"{text[:79]}…")  # noqa: PLR2004 - a line's width


# Options


def _try_option(option: Option) -> Trial:
    code = find_snippet(option)
    return Trial(
        options=(option,),
        code=code,
        name=f"option {option.key}, {shorten(code.partition(chr(10))[0])},",
        claim="it is ticked" if option.correct else "it is not ticked",
        is_right=option.correct,
    )


# Sequences


def _find_piece(option: Option) -> str:
    """The code of a step; a step in words is called by its key."""
    return find_snippet(option) or option.key


def _line_up(item: Item) -> Iterator[Trial]:
    """The author's order, then every piece that does not belong, in every place."""
    kept = tuple(option for option in item.options if option.correct)
    own = [_find_piece(option) for option in kept]
    yield Trial(
        options=kept,
        code="\n".join(own),
        name="the order as it is written",
        claim="it is the key",
        is_right=True,
    )
    for option in item.options:
        if not option.correct:
            piece = _find_piece(option)
            for place in range(len(own) + 1):
                yield Trial(
                    options=(*kept, option),
                    code="\n".join([*own[:place], piece, *own[place:]]),
                    name=f"the order with {shorten(piece.strip())} at place {place + 1}",
                    claim="that does not belong there: take another line, or let `ok` refuse it",
                    is_right=False,
                )


# Blanks


def _fill_in(item: Item) -> Iterator[Trial]:
    """Fill the gaps in every way, or where those are too many, one gap at a time."""
    gapped = [fence.code for fence in item.fences if list_gaps(fence.code, item.blanks)]
    template = "\n".join(gapped) if gapped else item.stem.source
    for options in _combine(item.blanks):
        is_right = all(option.correct for option in options)
        yield Trial(
            options=options,
            code=_fill(template, item.blanks, options),
            name=", ".join(f"`{option.value}`" for option in options),
            claim="every value is ticked" if is_right else _TICK_OR_REFUSE,
            is_right=is_right,
        )


def _combine(blanks: Sequence[Blank]) -> Iterator[tuple[Option, ...]]:
    count = 1
    for blank in blanks:
        count *= len(blank.options)
    if count <= MOST_FILLINGS:
        yield from itertools.product(*(blank.options for blank in blanks))
        return
    first_right = tuple(next(o for o in blank.options if o.correct) for blank in blanks)
    yield first_right
    for index, blank in enumerate(blanks):
        for option in blank.options:
            if option is not first_right[index]:
                yield (*first_right[:index], option, *first_right[index + 1 :])


def _fill(template: str, blanks: Sequence[Blank], options: Sequence[Option]) -> str:
    values = {blank.name: option.value for blank, option in zip(blanks, options, strict=True)}
    return BLANK.sub(lambda match: values.get(match[1], match[0]), template)
