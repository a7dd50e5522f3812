"""Cutting fragments (a stem, an option, a hint) out of a file's lines."""

from __future__ import annotations

import re
from collections.abc import Sequence

from quizzer.banks.fences import is_hidden, split_info
from quizzer.banks.formulas import FORMULA, check_formula
from quizzer.banks.lines import CODE_SPAN, THEMATIC_BREAK, Line, Role, count_indent, match_fence
from quizzer.banks.problems import Complaints
from quizzer.domain.items import Text

MAX_CHARACTERS = 20_000
MAX_BRACKETS = 500
MAX_INDENT = 40
MAX_CELLS = 5_000
MAX_NESTING = 8  # quotes and list items that begin on one line
_DEEP_INDENT = " " * (MAX_INDENT + 1)
_CONTAINER = re.compile(r" *(?:>|(?:[-*+]|\d{1,9}[.)])(?= |$))")
_PARAGRAPH_END = re.compile(r"(\n(?: *\n)+)")
_RUN = re.compile(r"`+")
_IMAGE = re.compile(r"!\[([^\[\]]*)\]\(<?([^)\s>]*)")
_CODE_OR_IMAGE = re.compile(rf"{CODE_SPAN.pattern}|(!\[[^\[\]]*\]\()(?!/)", re.DOTALL)
FIGURES = "/figures/"
FIGURE = re.compile(rf"{FIGURES}[a-z0-9-]+/[A-Za-z0-9][A-Za-z0-9_-]*\.(?:svg|png|webp)\Z")


def make_text(lines: Sequence[Line], indent: int = 0) -> Text:
    """Join lines to a fragment that may be shown: without comments, proofs and roles.

    Args:
        lines: the fragment's lines; empty ones at both ends are dropped.
        indent: how many leading spaces belong to the fragment's container.
    """
    if len(lines) == 1 and lines[0].role is Role.TEXT:
        return Text(source=_dedent(lines[0].text, indent), line=lines[0].number)
    shown = _replace_hidden(lines)
    first, last = 0, len(shown)
    while first < last and not shown[first]:
        first += 1
    while first < last and not shown[last - 1]:
        last -= 1
    if first == last:
        return Text(source="", line=lines[0].number if lines else 1)
    kept = shown[first:last]
    if indent:
        kept = [_dedent(text, indent) for text in kept]
    return Text(source="\n".join(kept), line=lines[first].number)


def _dedent(text: str, indent: int) -> str:
    return text[min(indent, count_indent(text)) :]


def point_at_figures(lines: Sequence[Line], lesson: str) -> tuple[Line, ...]:
    """Give images, which are written as names of files beside the lesson, their address."""
    if not lesson:
        return tuple(lines)
    return tuple(
        Line(line.number, _point(line.text, f"{FIGURES}{lesson}/"), line.role)
        if "![" in line.text and line.role in (Role.TEXT, Role.OPTION)
        else line
        for line in lines
    )


def _point(text: str, address: str) -> str:
    return _CODE_OR_IMAGE.sub(lambda found: found[3] + address if found[3] else found[0], text)


def _replace_hidden(lines: Sequence[Line]) -> list[str]:
    """Return the lines' texts; what learners must not see is an empty line."""
    shown: list[str] = []
    is_hiding = False
    for _, text, role in lines:
        if role is Role.TEXT:
            shown.append(text)
        elif role is Role.BLANK or role is Role.COMMENT:
            shown.append("")
        elif role is Role.FENCE_OPEN:
            language, use = split_info(text)
            is_hiding = is_hidden(use)
            shown.append("" if is_hiding else _drop_role(text, language, use))
        else:
            is_hiding = is_hiding and role is not Role.OPTION and role is not Role.HEADING
            shown.append("" if is_hiding or not text.strip(" ") else text)
    return shown


def _drop_role(opening: str, language: str, role: str) -> str:
    if not role:
        return opening
    return opening[: opening.index(language)] + language


def outside_code(source: str) -> str:
    """Return the fragment with code blocks and code spans blanked out, line by line."""
    return blank_spans(outside_fences(source))


def find_excess(source: str) -> tuple[int, str] | None:
    """Return what makes a fragment dangerous to render: line (from 0) and reason, or None."""
    if len(source) > MAX_CHARACTERS:
        return 0, f"longer than {MAX_CHARACTERS:,} characters; split it."
    if source.count("[") > MAX_BRACKETS:
        return 0, f"more than {MAX_BRACKETS} `[`; split it."
    if _may_nest(source):
        for offset, line in enumerate(outside_fences(source).split("\n")):
            if _nests_too_deeply(line):
                return offset, "nested too deeply; take lists and quotes out of each other."
    if source.count("|") * source.count("\n") > MAX_CELLS:
        return _find_large_table(outside_fences(source).split("\n"))
    return None


def _find_large_table(lines: Sequence[str]) -> tuple[int, str] | None:
    """Return the first line of a table that is too large; a short row gets all columns as well."""
    first = widest = 0
    for offset, line in enumerate(lines):
        if not line.strip(" "):
            first, widest = offset + 1, 0
        widest = max(widest, line.count("|"))
        if widest * (offset + 1 - first) > MAX_CELLS:
            return first, f"a table of more than {MAX_CELLS:,} cells; split it."
    return None


def _may_nest(source: str) -> bool:
    """Whether there are marks enough for deep nesting; nearly always there are not."""
    marks = source.count(">") + source.count("- ") + source.count("* ") + source.count("+ ")
    marks += source.count(". ") + source.count(") ")
    return marks >= MAX_NESTING or _DEEP_INDENT in source


def _nests_too_deeply(line: str) -> bool:
    """Whether `> - > - text` begins too many quotes and list items, or stands too far right."""
    if line.startswith(_DEEP_INDENT):
        return bool(line.strip(" "))
    if THEMATIC_BREAK.match(line.lstrip(" ")):
        return False
    count, position = 0, 0
    while count <= MAX_NESTING and (found := _CONTAINER.match(line, position)):
        count += 1
        position = found.end()
    return count > MAX_NESTING


def is_safe(source: str) -> bool:
    """Whether a fragment keeps the limits."""
    return find_excess(source) is None


def check_text(text: Text, complaints: Complaints) -> None:
    """Complain about a fragment that is dangerous to render, and about formulas and images."""
    excess = find_excess(text.source)
    if excess:
        complaints.add(text.line + excess[0], "E193", excess[1])
    elif any(mark in text.source for mark in ("$", "![")):
        _check_prose(text.line, outside_fences(text.source), complaints)


def _check_prose(line: int, prose: str, complaints: Complaints) -> None:
    if "$" in prose:
        _check_formulas(line, prose, complaints)
    if "![" in prose:
        _check_images(line, prose, complaints)


def _check_formulas(line: int, prose: str, complaints: Complaints) -> None:
    bare = blank_spans(prose)
    for found in FORMULA.finditer(bare):
        fault = check_formula((found[1] or found[2]).strip())
        if fault:
            complaints.add(line + bare.count("\n", 0, found.start()), "E194", f"{fault}.")


def _check_images(line: int, prose: str, complaints: Complaints) -> None:
    for offset, text in enumerate(blank_spans(prose).split("\n")):
        for found in _IMAGE.finditer(text):
            if not FIGURE.match(found[2]):
                complaints.add(
                    line + offset, "E195", "an image is a file of the lesson: `![what](name.svg)`."
                )


def blank_spans(prose: str) -> str:
    """Put something in the place of code spans that no formula, comment or image goes on across."""
    if "`" not in prose:
        return prose
    parts = _PARAGRAPH_END.split(prose)  # a span does not go on across an empty line
    return "".join(part if part[:1] == "\n" else _blank_spans_of_one(part) for part in parts)


def _blank_spans_of_one(paragraph: str) -> str:
    kept: list[str] = []
    done = 0
    for start, end in _list_spans(paragraph):
        kept += [paragraph[done:start], re.sub(r"[^\n]", "\x02", paragraph[start:end])]
        done = end
    return "".join((*kept, paragraph[done:]))


def _list_spans(paragraph: str) -> list[tuple[int, int]]:
    """Return start and end of each code span: a run of back-ticks up to the next one as long."""
    runs = [found.span() for found in _RUN.finditer(paragraph)]
    closing: dict[int, int] = {}  # by place of the run that opens
    nearest: dict[int, int] = {}  # by length, while going backwards
    for place in range(len(runs) - 1, -1, -1):
        start, end = runs[place]
        if end - start in nearest and paragraph[start - 1 : start] != "\\":
            closing[place] = nearest[end - start]
        nearest[end - start] = place
    spans: list[tuple[int, int]] = []
    place = 0
    while place < len(runs):
        last = closing.get(place, place)
        if last > place:
            spans.append((runs[place][0], runs[last][1]))
        place = last + 1
    return spans


def outside_fences(source: str) -> str:
    """Return the fragment with its code blocks blanked out; code spans stay."""
    if "```" not in source and "~~~" not in source:
        return source
    kept: list[str] = []
    marker = ""
    is_quoted = False
    for line in source.split("\n"):
        bare = line.lstrip(" >")
        opens = match_fence(bare) if bare[:1] in ("`", "~") else None
        if marker and is_quoted and not line.lstrip(" ").startswith(">"):
            marker = ""  # the quote is over, and with it the code block inside
        if marker:
            closes = bare.startswith(marker) and not bare.strip(marker[0] + " ")
            marker = "" if closes else marker
            kept.append("")
        elif opens:
            marker, is_quoted = opens[1], line.lstrip(" ").startswith(">")
            kept.append("")
        else:
            kept.append(line)
    return "\n".join(kept)
