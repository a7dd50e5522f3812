"""Labels in back-ticks: `kind: single` `tags: autograd, leaf`."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from quizzer.banks.lines import Line, Role
from quizzer.banks.problems import Complaints, suggest

CHIP = re.compile(r"`([A-Za-z_][A-Za-z_ -]*):(?: ([^`]*))?`(?:[ ·]+|$)")
_NEAR = re.compile(r"`([A-Za-z_]+) ?: *[^`]+`(?: *[ ·|,;]? *`[^`]*`)*[ ,;.]*$")
_BARE = re.compile(r"([A-Za-z_]+) *:")

ITEM_LABELS = (
    *("kind", "difficulty", "tags", "points", "time", "modes", "shuffle", "partial", "case"),
    *("objective", "source", "exercise"),
)
OPTION_LABELS = ("key", "misconception", "score")
STEP_LABELS = ("level", "predict")


@dataclass(frozen=True, slots=True)
class Chip:
    """The value of one label and the line it stands on."""

    value: str
    line: int


def split_chips(text: str) -> tuple[tuple[tuple[str, str], ...], str]:
    """Return the labels that `text` starts with, as (name, value), and the rest of it."""
    chips: list[tuple[str, str]] = []
    position = 0
    while found := CHIP.match(text, position):
        chips.append((found[1], (found[2] or "").strip()))
        position = found.end()
    return tuple(chips), text[position:]


def read_chips(
    lines: Sequence[Line], known: Sequence[str], complaints: Complaints
) -> tuple[Mapping[str, Chip], int]:
    """Read the lines of labels under a heading.

    Returns:
        The labels by name, and how many of `lines` they and the empty lines before them take.
    """
    chips: dict[str, Chip] = {}
    taken = 0
    for index, line in enumerate(lines):
        if line.role is Role.BLANK and not chips:
            continue
        if line.role is not Role.TEXT or not _read_line(line, known, chips, complaints):
            break
        taken = index + 1
    return chips, taken


def _read_line(
    line: Line, known: Sequence[str], chips: dict[str, Chip], complaints: Complaints
) -> bool:
    """Add the labels of one line; False if it holds none."""
    found, rest = split_chips(line.text)
    bare = _BARE.match(line.text)
    if bare and bare[1] in known:
        complaints.add(line.number, "E142", "put every label in back-ticks: `kind: single`.")
        return True
    near = _NEAR.match(rest)
    if near and near[1] in known:
        complaints.add(
            line.number,
            "E142",
            "put a space after each colon, and spaces between: `kind: single` `difficulty: 2`.",
        )
        return True
    if not found:
        return False
    if rest:
        if all(name not in known for name, _ in found):
            return False  # a sentence that begins with code
        complaints.add(line.number, "E142", "labels stand alone on their line, each in back-ticks.")
    for name, value in found:
        _add_chip(name, Chip(value, line.number), known, chips, complaints)
    return True


def _add_chip(
    name: str, chip: Chip, known: Sequence[str], chips: dict[str, Chip], complaints: Complaints
) -> None:
    if name not in known:
        complaints.add(chip.line, "E140", f"unknown label `{name}`.{suggest(name, known)}")
    elif name in chips:
        complaints.add(
            chip.line,
            "E141",
            f"label `{name}` stands twice, first on line {chips[name].line}; remove one.",
        )
    chips.setdefault(name, chip)
