"""Makes Python-Markdown read a fragment as CommonMark would.

Python-Markdown wants empty lines around blocks, list contents indented by four, and `1.` rather
than `1)`. Fragments are written, and previewed elsewhere, by CommonMark's rules.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from quizzer.banks.lines import (
    LIST_MARKER,
    THEMATIC_BREAK,
    count_indent,
    is_blank,
    is_fence_close,
    match_fence,
)

_STEP = 4  # columns per level of a list in Python-Markdown
_TABLE_RULE = re.compile(r" *\|? *:?-+:? *(?:\| *:?-+:? *)*\|? *$")
_HARD_BREAK = re.compile(r"(?<!\\)\\$")
_NO_ITEM = re.compile(r"^(\d+)([.)])(?= )")
_ATX = re.compile(r"#{1,6}(?: |$)")


def normalise(lines: Sequence[str]) -> list[str]:
    """Return the fragment's lines, rearranged for Python-Markdown."""
    return _Normaliser(lines).run()


class _Normaliser:
    def __init__(self, lines: Sequence[str]) -> None:
        self._lines = lines
        self._done: list[str] = []
        self._offsets: list[int] = []  # content columns of the open list items, as written
        self._list_kind = ""  # "-" or "1", of the latest list that is not inside another
        self._before = ""  # what the line before was: "", text, item, quote or block

    def run(self) -> list[str]:
        index = 0
        while index < len(self._lines):
            index = self._take(index)
        return self._done

    def _put(self, text: str, kind: str, *, apart: bool = False) -> None:
        """Add a line; `apart` puts an empty line before it unless one is there."""
        if apart and self._done and self._done[-1]:
            self._done.append("")
        self._done.append(_HARD_BREAK.sub("  ", text))
        self._before = kind

    def _indent(self, column: int, depth: int | None = None) -> str:
        """Return the indent of something that stands at `column` of its list's content."""
        levels = len(self._offsets) if depth is None else depth
        base = self._offsets[levels - 1] if levels else 0
        return " " * (_STEP * levels + max(column - base, 0))

    def _take(self, index: int) -> int:
        text = self._lines[index]
        if is_blank(text):
            self._put("", "")
            return index + 1
        bare = text.lstrip(" ")
        column = len(text) - len(bare)
        opening = match_fence(bare)
        marker = None if THEMATIC_BREAK.match(bare) else LIST_MARKER.match(bare)
        starts_item = marker is not None and self._may_interrupt(marker, column)
        if self._before in ("text", "item") and not (opening or starts_item or _starts_block(bare)):
            return self._take_continuation(index, bare)
        while self._offsets and column < self._offsets[-1]:
            self._offsets.pop()
        if opening and column - (self._offsets or [0])[-1] < _STEP:
            return self._take_fence(index, column, opening[1])
        if bare.startswith(">"):
            return self._take_quote(index, column)
        if marker and column - (self._offsets or [0])[-1] < _STEP:
            self._take_item(bare, column)
        else:
            self._take_plain(index, bare, column)
        return index + 1

    def _may_interrupt(self, marker: re.Match[str], column: int) -> bool:
        """Whether a list item may follow text without an empty line."""
        is_sibling = bool(self._offsets) and column < self._offsets[-1]
        return is_sibling or marker[1] in "-*+" or marker[1][:-1] == "1"

    def _take_quote(self, index: int, column: int) -> int:
        """Normalise what a quote holds as a fragment of its own; its last line may lack the `>`."""
        inside: list[str] = []
        while index < len(self._lines):
            bare = self._lines[index].lstrip(" ")
            if not bare.startswith(">") and (is_blank(bare) or not _is_text(inside[-1], bare)):
                break
            inside.append(bare.removeprefix(">").removeprefix(" "))
            index += 1
        indent = self._indent(column)
        for text in normalise(inside):
            self._put(f"{indent}> {text}".rstrip(" "), "quote", apart=self._before != "quote")
        return index

    def _take_continuation(self, index: int, bare: str) -> int:
        """A line that goes on with the paragraph above, or with the table above."""
        bare = _NO_ITEM.sub(r"\1\\\2", bare)
        if self._is_table(index):
            self._put(self._indent(0, len(self._offsets)) + bare, "text", apart=True)
        else:
            self._put(self._indent(0) + bare, self._before)
        return index + 1

    def _is_table(self, index: int) -> bool:
        """Whether a table's head stands on this line."""
        following = self._lines[index + 1] if index + 1 < len(self._lines) else ""
        return (
            "|" in self._lines[index]
            and "-" in following
            and bool(_TABLE_RULE.match(following))
            and "|" in following
        )

    def _take_item(self, bare: str, column: int) -> None:
        """A line with one list marker or several: `- - text`."""
        prefix = ""
        marker = LIST_MARKER.match(bare)
        apart = not self._offsets and (
            self._before in ("text", "quote", "block") or self._changes_list(bare)
        )
        while marker:
            indent = " " * (_STEP * len(self._offsets)) if not prefix else ""
            sign = marker[1] if marker[1] in "-*+" else f"{marker[1][:-1]}."
            prefix += indent + sign.ljust(_STEP)
            spaces = len(marker[2])
            bare = bare[marker.end() :]
            column += len(marker[1]) + (spaces if bare and spaces <= _STEP else 1)
            self._offsets.append(column)
            marker = None if THEMATIC_BREAK.match(bare) else LIST_MARKER.match(bare)
        self._put(prefix + bare if bare else prefix.rstrip(" "), "item", apart=apart)

    def _changes_list(self, bare: str) -> bool:
        """Note the kind of an outermost list; whether another kind stood right above."""
        before, self._list_kind = self._list_kind, "-" if bare[0] in "-*+" else "1"
        return before not in ("", self._list_kind)

    def _take_plain(self, index: int, bare: str, column: int) -> None:
        is_block = _ATX.match(bare) or THEMATIC_BREAK.match(bare)
        kind = "block" if is_block else "text"
        apart = self._before not in ("", kind) or kind == "block" or self._is_table(index)
        self._put(self._indent(column) + bare, kind, apart=apart)

    def _take_fence(self, index: int, column: int, marker: str) -> int:
        """Copy a code block, its content moved by as much as its first line."""
        indent = " " * (_STEP * len(self._offsets))
        self._put(indent + self._lines[index].lstrip(" "), "block", apart=True)
        for number in range(index + 1, len(self._lines)):
            text = self._lines[number]
            content = text[min(column, count_indent(text)) :]
            if is_fence_close(content, marker):
                self._done.extend((indent + content.strip(" "), ""))
                self._before = ""
                return number + 1
            self._done.append(indent + content if content else "")
        return len(self._lines)


def _starts_block(bare: str) -> bool:
    """Whether the line ends a paragraph although no empty line stands before it."""
    return bool(bare.startswith(">") or _ATX.match(bare) or THEMATIC_BREAK.match(bare))


def _is_text(before: str, bare: str) -> bool:
    """Whether `bare` goes on with the paragraph that `before`, a line of a quote, belongs to."""
    starts = match_fence(bare) or LIST_MARKER.match(bare) or _starts_block(bare)
    return not starts and not is_blank(before) and not match_fence(before.lstrip(" "))
