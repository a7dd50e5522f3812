"""Compares what this package reads with what a CommonMark parser reads.

Authors preview their files where they are hosted, with such a parser. Two things may differ: where
headings, options and code blocks stand (which would be a fault of the scanner), and how a fragment
looks (W212, which an author can mend by writing it more plainly).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache
from html.parser import HTMLParser

from markdown_it import MarkdownIt
from markdown_it.token import Token

from quizzer.banks.fences import BLANK
from quizzer.banks.formulas import FORMULA
from quizzer.banks.lines import Line, Role
from quizzer.banks.problems import Complaints
from quizzer.banks.rendering import INLINE_TAGS, render_text
from quizzer.banks.scanner import scan_lines
from quizzer.banks.source import split_source
from quizzer.domain.items import Text

Mark = tuple[str, int, int]  # what, its first line, its last line
_BOX = re.compile(r"\[[ xX]\] +\S")
_SPACE = re.compile(r"\s+")
_TAG = "\x02"  # no character of a file, so that text that looks like a tag is none
_IGNORED_TAGS = frozenset({"p", "div", "span", "thead", "tbody", *INLINE_TAGS})
_HEADING_LEVELS = frozenset({"h1", "h2", "h3"})


@lru_cache(maxsize=1)
def _get_parser() -> MarkdownIt:
    return MarkdownIt("commonmark", {"html": True}).enable("table")


@lru_cache(maxsize=1)
def _get_renderer() -> MarkdownIt:
    """Return a parser with what hosting sites have over CommonMark and may surprise an author."""
    return MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])


def find_disagreements(text: str, boundary: re.Pattern[str]) -> tuple[Mark, ...]:
    """Return the headings, options and code blocks that only one of the two sees, by line.

    Args:
        text: a file that has been accepted.
        boundary: as for `scan_lines`.
    """
    complaints = Complaints("")
    texts = split_source(text, complaints) or ()
    skipped = next((n for n, line in enumerate(texts[1:], start=2) if line.rstrip() == "---"), 0)
    lines = scan_lines(texts[skipped:], skipped + 1, boundary, complaints)
    differing = list_scanned(lines) ^ list_parsed(texts, skipped)
    return tuple(sorted(differing, key=lambda mark: (mark[1], mark)))


def list_scanned(lines: Iterable[Line]) -> set[Mark]:
    """Return the headings, options and code blocks that the scanner found."""
    marks: set[Mark] = set()
    start = 0
    for line in lines:
        if line.role in (Role.HEADING, Role.OPTION):
            marks.add((line.role.value, line.number, line.number))
        elif line.role is Role.FENCE_OPEN:
            start = line.number
        elif line.role is Role.FENCE_CLOSE:
            marks.add(("fence", start, line.number))
    return marks


def list_parsed(texts: Sequence[str], skipped: int) -> set[Mark]:
    """Return the headings, options and code blocks that CommonMark has in column 1 or in lists.

    Args:
        texts: the lines of the file.
        skipped: how many of them are front matter.
    """
    body = "\n".join([*[""] * skipped, *texts[skipped:]])
    marks: set[Mark] = set()
    quotes = 0
    tokens = _get_parser().parse(body)
    for index, token in enumerate(tokens):
        quotes += (token.type == "blockquote_open") - (token.type == "blockquote_close")
        if token.map is None or quotes:
            continue
        first, last = token.map[0] + 1, token.map[1]
        if token.type == "heading_open" and token.level == 0 and token.tag in _HEADING_LEVELS:
            marks.add(("heading", first, last))
        elif token.type == "fence":
            marks.add(("fence", first, last))
        elif token.type == "list_item_open" and _is_option(tokens[index + 1 : index + 3]):
            marks.add(("option", first, first))
    return marks


def _is_option(inside: Sequence[Token]) -> bool:
    """Whether a list item's first tokens are a paragraph with a box."""
    return (
        len(inside) > 1
        and inside[0].type == "paragraph_open"
        and bool(_BOX.match(inside[1].content))
    )


def is_shown_alike(text: Text) -> bool:
    """Whether the sites where banks are hosted show the fragment with the same blocks and words.

    Formulas and gaps, which look otherwise by intent, stand for a word each.
    """
    source = BLANK.sub("gap", FORMULA.sub("formula", text.source))
    shown = _outline(render_text(Text(source=source, line=text.line)))
    return shown == _outline(_get_renderer().render(source))


def _outline(rendered: str) -> tuple[str, ...]:
    outline = _Outline()
    outline.feed(rendered)
    outline.close()
    return outline.list_parts()


class _Outline(HTMLParser):
    """Reduces HTML to its tags and words, without what legitimately differs."""

    def __init__(self) -> None:
        super().__init__()
        self._parts: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        del attrs
        if tag not in _IGNORED_TAGS:
            self._parts.append(f"{_TAG}{tag} ")

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)

    def handle_endtag(self, tag: str) -> None:
        if tag not in _IGNORED_TAGS:
            self._parts.append(f"{_TAG}/{tag} ")

    def handle_data(self, data: str) -> None:
        self._parts.append(data)

    def list_parts(self) -> tuple[str, ...]:
        return tuple(_SPACE.sub("", "".join(self._parts)).split(_TAG))
