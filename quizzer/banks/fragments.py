"""Cutting fragments (a stem, an option, a hint) out of a file's lines."""

from __future__ import annotations

import re
from collections.abc import Sequence

from quizzer.banks.fences import is_hidden, split_info
from quizzer.banks.formulas import FORMULA, check_formula
from quizzer.banks.lines import CODE_SPAN, LIST_MARKER, Line, Role, count_indent
from quizzer.banks.problems import Complaints
from quizzer.domain.items import Text

MAX_CHARACTERS = 20_000
MAX_BRACKETS = 500
MAX_INDENT = 40
MAX_QUOTES = 8
_QUOTE = re.compile(r"(?: {0,3}>)+")
_VARIABLE = re.compile(r"\{\{ *[A-Za-z_]\w* *\}\}")
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
    shown = _replace_hidden(lines)
    filled = [index for index, (_, text) in enumerate(shown) if text]
    shown = shown[filled[0] : filled[-1] + 1] if filled else []
    line = shown[0][0] if shown else (lines[0].number if lines else 1)
    dedented = [text[min(indent, count_indent(text)) :] for _, text in shown]
    return Text(source="\n".join(dedented), line=line)


def point_at_figures(lines: Sequence[Line], lesson: str) -> tuple[Line, ...]:
    """Give images, which are written as names of files beside the lesson, their address."""
    return tuple(
        Line(line.number, _point(line.text, f"{FIGURES}{lesson}/"), line.role)
        if lesson and "![" in line.text and line.role in (Role.TEXT, Role.OPTION)
        else line
        for line in lines
    )


def _point(text: str, address: str) -> str:
    return _CODE_OR_IMAGE.sub(lambda found: found[3] + address if found[3] else found[0], text)


def _replace_hidden(lines: Sequence[Line]) -> list[tuple[int, str]]:
    """Return (number, text) pairs in which what learners must not see is an empty line."""
    shown: list[tuple[int, str]] = []
    hiding = False
    for line in lines:
        if line.role is Role.FENCE_OPEN:
            hiding = is_hidden(split_info(line.text)[1])
        is_code = line.role in (Role.FENCE_OPEN, Role.CODE, Role.FENCE_CLOSE)
        if line.role is Role.COMMENT or (hiding and is_code):
            shown.append((line.number, ""))
        elif line.role is Role.FENCE_OPEN:
            shown.append((line.number, _drop_role(line.text)))
        else:
            shown.append((line.number, line.text if line.text.strip(" ") else ""))
    return shown


def _drop_role(opening: str) -> str:
    language, role = split_info(opening)
    if not role:
        return opening
    return opening[: opening.index(language)] + language


def outside_code(source: str) -> str:
    """Return the fragment with code blocks and code spans blanked out, line by line."""
    return CODE_SPAN.sub(_blank_out, outside_fences(source))


def find_excess(source: str) -> tuple[int, str] | None:
    """Return what makes a fragment dangerous to render: line (from 0) and reason, or None."""
    if len(source) > MAX_CHARACTERS:
        return 0, f"longer than {MAX_CHARACTERS:,} characters; split it."
    prose = outside_code(source)
    if prose.count("[") > MAX_BRACKETS:
        return 0, f"more than {MAX_BRACKETS} `[`; split it."
    for offset, line in enumerate(prose.split("\n")):
        quotes = _QUOTE.match(line)
        if count_indent(line) > MAX_INDENT or (quotes and quotes[0].count(">") > MAX_QUOTES):
            return offset, "nested too deeply."
        if _count_markers(line) > MAX_QUOTES:
            return offset, "nested too deeply."
    return None


def _count_markers(line: str) -> int:
    """Return how many list items begin on one line: `- - - text` is three deep."""
    count = 0
    rest = line.lstrip(" ")
    while rest and count <= MAX_QUOTES and (found := LIST_MARKER.match(rest)):
        count += 1
        rest = rest[found.end() :]
    return count


def is_safe(source: str) -> bool:
    """Whether a fragment keeps the limits."""
    return find_excess(source) is None


def check_text(text: Text, complaints: Complaints) -> None:
    """Complain about a fragment that is dangerous to render, and about formulas and variables."""
    excess = find_excess(text.source)
    if excess:
        complaints.add(text.line + excess[0], "E193", excess[1])
        return
    prose = outside_fences(text.source)
    if "$" in prose:
        _check_formulas(text.line, prose, complaints)
    if "{{" in prose:
        _check_variables(text.line, prose, complaints)
    if "![" in prose:
        _check_images(text.line, prose, complaints)


def _check_formulas(line: int, prose: str, complaints: Complaints) -> None:
    bare = CODE_SPAN.sub(_blank_out, prose)
    for found in FORMULA.finditer(bare):
        fault = check_formula((found[1] or found[2]).strip())
        if fault:
            complaints.add(line + bare.count("\n", 0, found.start()), "E194", f"{fault}.")


def _check_variables(line: int, prose: str, complaints: Complaints) -> None:
    for offset, text in enumerate(FORMULA.sub(_keep_lines, prose).split("\n")):
        if found := _VARIABLE.search(text):
            complaints.add(line + offset, "E154", f"unknown variable {found[0]}.")


def _check_images(line: int, prose: str, complaints: Complaints) -> None:
    for offset, text in enumerate(CODE_SPAN.sub(_blank_out, prose).split("\n")):
        for found in _IMAGE.finditer(text):
            if not FIGURE.match(found[2]):
                complaints.add(
                    line + offset, "E195", "an image is a file of the lesson: `![what](name.svg)`."
                )


def _blank_out(span: re.Match[str]) -> str:
    """Put something in the place of code that no formula, comment or image goes on across."""
    return re.sub(r"[^\n]", "\x02", span[0])


def _keep_lines(found: re.Match[str]) -> str:
    return "\n" * found[0].count("\n")


def outside_fences(source: str) -> str:
    """Return the fragment with its code blocks blanked out; code spans stay."""
    kept: list[str] = []
    marker = ""
    for line in source.split("\n"):
        bare = line.lstrip(" >")
        opens = re.match(r"`{3,}|~{3,}", bare)
        if marker:
            closes = bare.startswith(marker) and not bare.strip(marker[0] + " ")
            marker = "" if closes else marker
            kept.append("")
        elif opens and "`" not in bare[opens.end() :]:
            marker = opens[0]
            kept.append("")
        else:
            kept.append(line)
    return "\n".join(kept)
