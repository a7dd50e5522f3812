"""The line scanner: gives every line of a file its role, and complains about near misses.

Structure lives in column 1, outside code blocks and comments. The scanner does not build a
Markdown tree. It accepts only text in which its simple view and CommonMark's full view agree, and
names the line where they would part: an author previews the file where it is hosted, and must see
there what learners see here. `agreement.py` checks that claim against a full parser.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Sequence

from quizzer.banks.lines import (
    CODE_SPAN,
    HEADING,
    LIST_MARKER,
    OPTION,
    THEMATIC_BREAK,
    Line,
    Role,
    count_indent,
    is_blank,
    is_fence_close,
    match_fence,
)
from quizzer.banks.problems import Complaints

SETEXT = re.compile(r" *(?:=+|-+) *$")
NEAR_HEADING = re.compile(r"#{1,3}[^\s#]|#{1,3}\t")
_MARKER = r"(?:[-*+]|\d{1,9}[.)])"
NEAR_OPTION = re.compile(rf"(?:{_MARKER} +)*{_MARKER}\s*\[(.?)\](?![(\[:])")
REFERENCE = re.compile(r" {0,3}\[[^\]]+\]:\s*\S")
RAW_HTML = re.compile(
    r"<(?:pre|script|style|textarea)(?:[\s>]|$)|<\?|<![A-Za-z]|<!\[CDATA\[", re.IGNORECASE
)
HTML_TAG = re.compile(r"</?[A-Za-z](?![A-Za-z0-9+.-]{1,31}:)")
_BLOCK_START = re.compile(rf">|<|{THEMATIC_BREAK.pattern}")
# A line that begins with none of these is words, or of a quote.
_MARKS = frozenset("#<-*+=_[0123456789")
_FENCE_MARKS = frozenset("`~")
CODE_INDENT = 4  # that many spaces make an indented code block
MAX_LISTS = 20  # deeper ones are refused later, fragment by fragment


def scan_lines(
    texts: Sequence[str], first: int, boundary: re.Pattern[str], complaints: Complaints
) -> tuple[Line, ...]:
    """Give each line its role.

    Args:
        texts: the lines after the front matter, without line ends.
        first: number of the first of them in the file.
        boundary: matches the heading lines that end an unclosed code block.
        complaints: where complaints go.
    """
    return _Scanner(texts, first, boundary, complaints).scan()


class _Scanner:
    """The state between two lines."""

    def __init__(
        self, texts: Sequence[str], first: int, boundary: re.Pattern[str], complaints: Complaints
    ) -> None:
        self._texts = texts
        self._first = first
        self._boundary = boundary
        self._complaints = complaints
        self._comment_ends = [number for number, text in enumerate(texts) if "-->" in text]
        self._lines: list[Line] = []
        self._offsets: list[int] = []  # content columns of the open list items
        self._in_options = False
        self._in_paragraph = False  # the line before is text that this one could continue
        self._html_line = 0  # number of the line where raw HTML began, 0 for none

    def scan(self) -> tuple[Line, ...]:
        index = 0
        while index < len(self._texts):
            index = self._take(index)
        return tuple(self._lines)

    def _complain(self, index: int, code: str, message: str) -> None:
        self._complaints.add(self._first + index, code, message)

    def _put(self, index: int, role: Role, *, in_paragraph: bool = False) -> int:
        """Store the line; return the index of the next one."""
        self._lines.append(Line(self._first + index, self._texts[index], role))
        self._in_paragraph = in_paragraph
        return index + 1

    def _take(self, index: int) -> int:
        """Take what begins on this line; return the index of the line behind it."""
        text = self._texts[index]
        bare = text.lstrip(" ")
        if is_blank(bare):
            self._html_line = 0
            return self._put(index, Role.BLANK)
        mark = bare[0]
        if mark in _FENCE_MARKS and match_fence(bare):
            return self._take_fence(index)
        if "<!--" in text:
            if bare.startswith("<!--"):
                return self._take_comment(index)
            self._check_inline_comment(index)
        if mark in _MARKS:
            return self._take_marked(index, bare)
        if not self._in_paragraph or mark == ">":
            return self._take_start(index, bare)
        return self._put(index, Role.TEXT, in_paragraph=True)

    # Headings, options and text

    def _take_marked(self, index: int, bare: str) -> int:
        """A line whose first character may make it more than text."""
        text = self._texts[index]
        if self._html_line:
            is_structure = text.startswith("#") or bool(LIST_MARKER.match(bare))
            self._check_swallowed(index, is_structure=is_structure)
        if text.startswith("#"):
            return self._take_heading(index)
        if text.startswith("- [") and OPTION.match(text):
            return self._take_option(index)
        return self._take_text(index)

    def _take_heading(self, index: int) -> int:
        text = self._texts[index]
        if HEADING.match(text):
            self._offsets.clear()
            if len(text) - len(text.lstrip("#")) > 3:  # noqa: PLR2004 - `####` and deeper is free text
                return self._put(index, Role.TEXT)
            self._in_options = False
            return self._put(index, Role.HEADING)
        if NEAR_HEADING.match(text):
            self._complain(index, "E120", "a heading needs one space after its `#`.")
        return self._take_text(index)

    def _take_option(self, index: int) -> int:
        text = self._texts[index][len("- [ ] ") :].strip(" ")
        if text[0] in _FENCE_MARKS and match_fence(text):
            self._complain(
                index, "E135", "start the code block on a line of its own, two spaces in."
            )
        self._offsets.clear()
        self._in_options = True
        return self._put(index, Role.OPTION, in_paragraph=True)

    def _take_start(self, index: int, bare: str) -> int:
        """A line of words or of a quote that may end the lists which stand further right."""
        if self._html_line or "<" in bare:
            self._note_html(index, bare)
        column = len(self._texts[index]) - len(bare)
        if not self._in_options:
            self._close_lists(column)
        is_code = not self._in_paragraph and self._is_code(column)
        return self._put(index, Role.TEXT, in_paragraph=not is_code)

    def _is_code(self, column: int) -> bool:
        """Whether a line behind an empty one is an indented code block."""
        return column >= (self._offsets[-1] if self._offsets else 0) + CODE_INDENT

    def _take_text(self, index: int) -> int:
        text = self._texts[index]
        self._check_setext(index)
        self._check_near_misses(index)
        if self._in_options:
            self._note_html(index, text.lstrip(" "))
        else:
            self._note_html(index, self._track_lists(index))
        is_code = not self._in_paragraph and self._is_code(count_indent(text))
        is_text = not (is_code or THEMATIC_BREAK.match(text.lstrip(" ")))
        return self._put(index, Role.TEXT, in_paragraph=is_text)

    def _check_setext(self, index: int) -> None:
        if self._in_paragraph and SETEXT.match(self._texts[index]):
            self._complain(
                index,
                "E130",
                "this line turns the line above it into a heading; put an empty line between.",
            )

    def _check_near_misses(self, index: int) -> None:
        text = self._texts[index]
        bare = text.lstrip(" ")
        indent = len(text) - len(bare)
        if 1 <= indent <= (5 if self._in_options else 3) and HEADING.match(bare):
            self._complain(index, "E121", "a heading starts in column 1; take the spaces away.")
        if REFERENCE.match(text):
            self._complain(
                index,
                "W215",
                "a link definition is seen only by the fragment it stands in; "
                "write [text](address).",
            )
        near = NEAR_OPTION.match(bare)
        if near and self._in_options and indent:
            self._complain(index, "E137", "options cannot be nested; start it in column 1.")
        elif near and not OPTION.match(text):
            self._complain(
                index, "E132", "almost an option: write `- [ ] text` or `- [x] text` in column 1."
            )

    def _check_inline_comment(self, index: int) -> None:
        if "<!--" in CODE_SPAN.sub("", self._texts[index]):
            self._complain(
                index, "E107", "a comment stands alone on its lines and starts in column 1."
            )

    # Raw HTML

    def _note_html(self, index: int, content: str) -> None:
        """Remember raw HTML that begins on this line: it reaches to the next empty line."""
        if RAW_HTML.match(content.lstrip("> ")):
            self._complain(
                index, "E108", "raw `<pre>`, `<script>` and the like are not allowed; use a fence."
            )
        elif HTML_TAG.match(content) and not self._html_line:
            self._html_line = self._first + index
        if self._html_line and content.startswith(">"):
            self._check_swallowed(index, is_structure=True)

    def _check_swallowed(self, index: int, *, is_structure: bool) -> None:
        if self._html_line and is_structure:
            self._complaints.add(
                self._html_line,
                "E109",
                f"this HTML tag swallows line {self._first + index}; put an empty line between.",
            )
            self._html_line = 0

    # Lists, as far as they decide where a code block may stand

    def _track_lists(self, index: int) -> str:
        """Keep the columns of open list items; return the line's content behind all markers."""
        text = self._texts[index]
        content = text.lstrip(" ")
        column = len(text) - len(content)
        marker = None if THEMATIC_BREAK.match(content) else LIST_MARKER.match(content)
        starts_block = bool(_BLOCK_START.match(content)) or (
            marker is not None and self._may_interrupt(marker, content, column)
        )
        if self._in_paragraph and not starts_block:
            return content
        self._close_lists(column)
        while (
            marker
            and column - (self._offsets or [0])[-1] < CODE_INDENT
            and len(self._offsets) < MAX_LISTS
        ):
            spaces = len(marker[2])
            content = content[marker.end() :]
            column += len(marker[1]) + (spaces if content and spaces <= CODE_INDENT else 1)
            self._offsets.append(column)
            if match_fence(content):
                self._complain(index, "E135", "start the code block on a line of its own.")
            marker = None if THEMATIC_BREAK.match(content) else LIST_MARKER.match(content)
        return content

    def _may_interrupt(self, marker: re.Match[str], content: str, column: int) -> bool:
        """Whether a list item may begin here although the line before is text."""
        if self._offsets and column < self._offsets[-1]:
            return True
        if self._offsets and column > self._offsets[-1] + 3:
            return False
        return marker.end() < len(content) and (marker[1] in "-*+" or marker[1][:-1] == "1")

    def _close_lists(self, column: int) -> None:
        while self._offsets and column < self._offsets[-1]:
            self._offsets.pop()

    # Comments

    def _take_comment(self, index: int) -> int:
        if not self._texts[index].startswith("<!--"):
            self._complain(index, "E107", "a comment starts in column 1; take the spaces away.")
        end = self._find_comment_end(index)
        if end is None:
            self._complain(index, "E106", "this comment is not closed; add `-->`.")
            return self._put(index, Role.COMMENT)
        start = 2 if end == index else 0
        tail = self._texts[end][start:].split("-->", 1)[1]
        if not is_blank(tail):
            self._complain(end, "E107", "text after `-->`; start it on the next line.")
        if self._in_options and self._goes_on(end + 1):
            self._complain(index, "E107", "a comment ends the option above it; move it below it.")
        self._offsets.clear()
        for number in range(index, end + 1):
            self._put(number, Role.COMMENT)
        return end + 1

    def _goes_on(self, index: int) -> bool:
        """Whether the next line that is not empty is indented, as what belongs to an option."""
        rest = (self._texts[number] for number in range(index, len(self._texts)))
        return next((text for text in rest if not is_blank(text)), "").startswith(" ")

    def _find_comment_end(self, index: int) -> int | None:
        if "-->" in self._texts[index][2:]:
            return index
        at = bisect_right(self._comment_ends, index)
        return self._comment_ends[at] if at < len(self._comment_ends) else None

    # Code blocks

    def _take_fence(self, index: int) -> int:
        self._check_swallowed(index, is_structure=True)
        indent = count_indent(self._texts[index])
        if not self._check_fence_place(index, indent):
            return self._skip_code(index, self._find_rough_end(index))
        end = self._find_fence_end(index, indent)
        if end is None:
            return self._skip_code(index, self._find_next_start(index))
        self._put(index, Role.FENCE_OPEN)
        self._skip_code(index + 1, end)
        return self._put(end, Role.FENCE_CLOSE)

    def _skip_code(self, index: int, end: int) -> int:
        """Take lines for code; also those of a block that was complained about, once for all."""
        first, texts = self._first, self._texts
        self._lines += [Line(first + at, texts[at], Role.CODE) for at in range(index, end)]
        self._in_paragraph = False
        return end

    def _find_next_start(self, index: int) -> int:
        """Return the index of the next item: up to there, lines may be code or not."""
        behind = range(index + 1, len(self._texts))
        starts = (number for number in behind if self._boundary.match(self._texts[number]))
        return next(starts, len(self._texts))

    def _find_rough_end(self, index: int) -> int:
        """Return the index behind a broken code block, whatever the indent of its last line."""
        marker = self._texts[index].strip(" ")[:3]
        for number in range(index + 1, len(self._texts)):
            text = self._texts[number]
            bare = text.lstrip(" ")
            if bare[:1] not in (marker[0], "#"):
                continue
            if is_fence_close(bare, marker):
                return number + 1
            if self._is_new_start(text, marker):
                return number
        return len(self._texts)

    def _check_fence_place(self, index: int, indent: int) -> bool:
        """Whether the code block starts where it may; complains if not."""
        if self._in_options:
            return self._check_option_fence(index, indent)
        dedented_from = [offset for offset in self._offsets if offset > indent]
        self._close_lists(indent)
        if indent == 0 or indent in self._offsets[-1:]:
            return True
        if dedented_from and not self._offsets:
            self._complain(
                index, "E105", f"indent this code block by {dedented_from[0]} spaces, as its list."
            )
        else:
            where = self._offsets[-1] if self._offsets else 0
            self._complain(
                index, "E136", f"a code block starts {where} spaces in here; move it there."
            )
        return False

    def _check_option_fence(self, index: int, indent: int) -> bool:
        if indent < 2:  # noqa: PLR2004 - the column of an option's text
            self._complain(index, "E104", "indent an option's code block by two spaces.")
        elif indent > 2:  # noqa: PLR2004 - same
            self._complain(index, "E136", "an option's code block starts two spaces in.")
        return indent == 2  # noqa: PLR2004 - same

    def _find_fence_end(self, index: int, indent: int) -> int | None:
        """Return the index of the closing line, or None after a complaint."""
        opening = match_fence(self._texts[index][indent:])
        marker = opening[1] if opening else "```"
        for number in range(index + 1, len(self._texts)):
            text = self._texts[number]
            bare = text.lstrip(" ")
            if len(text) - len(bare) < indent and not is_blank(bare):
                self._complain_dedented(index, number, text)
                return None
            if bare[:1] not in (marker[0], "#"):
                continue
            if is_fence_close(text[indent:], marker):
                return number
            if self._is_new_start(text, marker):
                break
        self._complain(index, "E103", f"this code block is not closed; add {marker} after it.")
        return None

    def _is_new_start(self, text: str, marker: str) -> bool:
        """Whether the line can only mean that the code block before it was forgotten open."""
        opening = match_fence(text.lstrip(" "))
        reopened = opening is not None and opening[1].startswith(marker) and opening[2] != ""
        return reopened or bool(self._boundary.match(text))

    def _complain_dedented(self, index: int, number: int, text: str) -> None:
        code = "E104" if self._in_options else "E105"
        message = f"line {self._first + number} of this code block is indented less; align it."
        if self._boundary.match(text) or OPTION.match(text) or HEADING.match(text):
            message = "this code block is not closed; add its end at the same indent."
        self._complain(index, code, message)
