"""Two programs side by side: which lines went, which came, which changed and where.

difflib's own views of two texts take a minute for some hundred similar lines; here whole lines are
matched, and words only within lines that stand beside each other.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import StrEnum
from itertools import zip_longest

MOST_LINES = 200
LONGEST_LINE = 200
CONTEXT = 3  # equal lines that are shown before and after a change
_FEWEST_FOLDED = 3
_WORD = re.compile(r"\w+|\s+|.")
_ALIKE = 0.4  # of less in common, marks within two lines would only confuse


class Change(StrEnum):
    """What became of a line."""

    EQUAL = "equal"
    CHANGED = "changed"
    REMOVED = "removed"
    ADDED = "added"
    FOLDED = "folded"  # stands for `count` equal lines


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a line, and whether the line on the other side has something else there."""

    text: str
    differs: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """A line of one of the two; `number` counts from 1."""

    number: int
    pieces: tuple[Piece, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """What stands beside each other; a side is None where the other one alone has a line.

    Attributes:
        count: of FOLDED, how many equal lines it stands for; their sides are None.
    """

    change: Change
    left: Side | None = None
    right: Side | None = None
    count: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """Two texts side by side.

    Attributes:
        rows: from top to bottom.
        is_equal: whether no line differs.
        is_cut: whether one of them has more than MOST_LINES lines, which are not compared.
    """

    rows: tuple[Row, ...]
    is_equal: bool
    is_cut: bool


def compare_sources(left: str, right: str) -> Comparison:
    """Compare two texts line by line; blanks at the ends of lines do not count."""
    lines = [[line.rstrip() for line in text.splitlines()] for text in (left, right)]
    cut = [some[:MOST_LINES] for some in lines]
    rows = tuple(_list_rows(*cut))
    return Comparison(
        rows=rows,
        is_equal=lines[0] == lines[1],
        is_cut=any(len(some) > MOST_LINES for some in lines),
    )


def _list_rows(left: Sequence[str], right: Sequence[str]) -> Iterator[Row]:
    matcher = SequenceMatcher(a=left, b=right, autojunk=False)
    for kind, i1, i2, j1, j2 in matcher.get_opcodes():
        old, new = list(range(i1, i2)), list(range(j1, j2))
        if kind == "equal":
            equal = [_pair(left, right, *places) for places in zip(old, new, strict=True)]
            yield from _fold(equal, is_first=i1 == 0 and j1 == 0, is_last=i2 == len(left))
            continue
        for places in zip_longest(old, new):
            yield _pair(left, right, *places)


def _pair(left: Sequence[str], right: Sequence[str], i: int | None, j: int | None) -> Row:
    if i is None or j is None:
        return Row(
            change=Change.ADDED if i is None else Change.REMOVED,
            left=None if i is None else _whole(i, left[i]),
            right=None if j is None else _whole(j, right[j]),
        )
    if left[i] == right[j]:
        return Row(change=Change.EQUAL, left=_whole(i, left[i]), right=_whole(j, right[j]))
    pieces = _mark(_shorten(left[i]), _shorten(right[j]))
    return Row(
        change=Change.CHANGED,
        left=Side(number=i + 1, pieces=pieces[0]),
        right=Side(number=j + 1, pieces=pieces[1]),
    )


def _whole(place: int, line: str) -> Side:
    return Side(number=place + 1, pieces=(Piece(_shorten(line), differs=False),))


def _shorten(line: str) -> str:
    return line if len(line) <= LONGEST_LINE else line[: LONGEST_LINE - 1] + "…"


def _mark(left: str, right: str) -> tuple[tuple[Piece, ...], tuple[Piece, ...]]:
    """Mark the words in which two lines differ; none where they have little in common."""
    words = _WORD.findall(left), _WORD.findall(right)
    matcher = SequenceMatcher(a=words[0], b=words[1], autojunk=False)
    if matcher.ratio() < _ALIKE:
        return (Piece(left, differs=False),), (Piece(right, differs=False),)
    codes = matcher.get_opcodes()
    return (
        _join(words[0], [(kind, begin, end) for kind, begin, end, _, _ in codes]),
        _join(words[1], [(kind, begin, end) for kind, _, _, begin, end in codes]),
    )


def _join(words: Sequence[str], parts: Sequence[tuple[str, int, int]]) -> tuple[Piece, ...]:
    return tuple(
        Piece("".join(words[begin:end]), differs=kind != "equal")
        for kind, begin, end in parts
        if end > begin
    )


def _fold(rows: Sequence[Row], *, is_first: bool, is_last: bool) -> Iterator[Row]:
    """Leave out equal lines that are far from every change."""
    head = 0 if is_first else CONTEXT
    tail = 0 if is_last else CONTEXT
    folded = len(rows) - head - tail
    if folded < _FEWEST_FOLDED:
        yield from rows
        return
    yield from rows[:head]
    yield Row(change=Change.FOLDED, count=folded)
    yield from rows[len(rows) - tail :]
