"""Lines and their roles, and the marks that make a line a heading, an option or a fence."""

from __future__ import annotations

import re
from enum import StrEnum
from typing import NamedTuple

HEADING = re.compile(r"#{1,6}(?: |$)")
OPTION = re.compile(r"- \[([ xX])\] +(?! )(.+)$")
FENCE = re.compile(r"(`{3,}|~{3,})(.*)$")
LIST_MARKER = re.compile(r"([-*+]|\d{1,9}[.)])( +|$)")
THEMATIC_BREAK = re.compile(r"(?:(?:- *){3,}|(?:\* *){3,}|(?:_ *){3,})$")
CODE_SPAN = re.compile(r"(?<!`)(`+)(?!`)(.+?)(?<!`)\1(?!`)", re.DOTALL)


class Role(StrEnum):
    """What a line is."""

    BLANK = "blank"
    TEXT = "text"
    HEADING = "heading"
    OPTION = "option"
    FENCE_OPEN = "fence-open"
    CODE = "code"
    FENCE_CLOSE = "fence-close"
    COMMENT = "comment"


class Line(NamedTuple):
    """One line of a file with its number, counted from 1, and its role."""

    number: int
    text: str
    role: Role

    @property
    def indent(self) -> int:
        """Number of leading spaces."""
        return count_indent(self.text)


def count_indent(text: str) -> int:
    """Return the number of leading spaces."""
    return len(text) - len(text.lstrip(" "))


def is_blank(text: str) -> bool:
    """Whether Markdown takes the line for an empty one."""
    return not text.strip(" \t")


def match_fence(text: str) -> re.Match[str] | None:
    """Match the opening of a code block, without its indent: marker and info string."""
    found = FENCE.match(text)
    return None if found and found[1][0] == "`" and "`" in found[2] else found


def is_fence_close(text: str, marker: str) -> bool:
    """Whether the line, without its container's indent, closes the code block of `marker`."""
    bare = text.strip(" ")
    return count_indent(text) <= 3 and len(bare) >= len(marker) and set(bare) == {marker[0]}  # noqa: PLR2004 - CommonMark's three spaces
