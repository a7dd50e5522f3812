"""The body of `exercise.md`: the statement, then `### ` sections as in a bank."""

from __future__ import annotations

import difflib
import re
from dataclasses import dataclass
from pathlib import Path

from graders.errors import ExerciseError

SECTIONS = ("Hint", "Solution", "Mistakes")
_FENCE = re.compile(r" {0,3}(`{3,}|~{3,})(.*)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """What the learner reads, each part Markdown.

    Attributes:
        text: the statement itself.
        hints: in the order in which they are given.
        solution: notes on the solution, or empty.
        mistakes: common mistakes, or empty.
    """

    text: str
    hints: tuple[str, ...]
    solution: str
    mistakes: str


def parse_statement(path: Path, body: str, first_line: int) -> Statement:
    """Split the body at its `### ` lines outside fences.

    Raises:
        ExerciseError: for an unknown, empty or repeated section, or no statement at all.
    """
    parts = _split(path, body, first_line)
    hints = [text for name, _, text in parts if name == "Hint"]
    return Statement(
        text=_only(path, parts, ""),
        hints=tuple(hints),
        solution=_only(path, parts, "Solution"),
        mistakes=_only(path, parts, "Mistakes"),
    )


def _split(path: Path, body: str, first_line: int) -> list[tuple[str, int, str]]:
    starts = [("", first_line, first_line), *_headings(path, body, first_line)]
    lines = body.splitlines()
    ends = [heading for _, heading, _ in starts[1:]] + [first_line + len(lines)]
    parts = []
    for (name, heading, start), end in zip(starts, ends, strict=True):
        text = "\n".join(lines[start - first_line : end - first_line]).strip("\n")
        if not text.strip():
            what = f"the section {name}" if name else "the statement"
            raise ExerciseError(path, heading, f"{what} is empty")
        parts.append((name, heading, text))
    return parts


def _headings(path: Path, body: str, first_line: int) -> list[tuple[str, int, int]]:
    found = []
    fence = ""
    opened = first_line
    for number, line in enumerate(body.splitlines(), start=first_line):
        was, fence = fence, _fence_after(fence, line)
        if not was and fence:
            opened = number
        if not was and not fence and line.startswith("### "):
            found.append((_section_name(path, number, line), number, number + 1))
    if fence:
        raise ExerciseError(path, opened, "this code block is not closed")
    return found


def _fence_after(fence: str, line: str) -> str:
    match = _FENCE.fullmatch(line)
    if not match:
        return fence
    marks, rest = match.groups()
    if not fence:
        return marks
    closes = marks[0] == fence[0] and len(marks) >= len(fence) and not rest.strip()
    return "" if closes else fence


def _section_name(path: Path, number: int, line: str) -> str:
    name = line[4:].strip()
    if name not in SECTIONS:
        close = difflib.get_close_matches(name, SECTIONS, n=1)
        hint = f"; did you mean {close[0]}?" if close else ""
        known = ", ".join(SECTIONS)
        raise ExerciseError(path, number, f"unknown section {name!r}; there are {known}{hint}")
    return name


def _only(path: Path, parts: list[tuple[str, int, str]], name: str) -> str:
    found = [(line, text) for part, line, text in parts if part == name]
    if len(found) > 1:
        raise ExerciseError(path, found[1][0], f"the section {name} is given twice")
    return found[0][1] if found else ""
