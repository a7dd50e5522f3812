"""Cutting fragments (a stem, an option, a hint) out of a file's lines."""

from __future__ import annotations

import re
from collections.abc import Sequence

from quizzer.banks.fences import is_hidden, split_info
from quizzer.banks.problems import Complaints
from quizzer.banks.scanner import CODE_SPAN, Line, Role, count_indent
from quizzer.domain.items import Text

MAX_CHARACTERS = 20_000
MAX_BRACKETS = 500
MAX_INDENT = 40
MAX_QUOTES = 8
_QUOTE = re.compile(r"(?: {0,3}>)+")
_VARIABLE = re.compile(r"\{\{ *[A-Za-z_]\w* *\}\}")
_MATH = re.compile(r"\$\$.+?\$\$|\$[^$\n]+\$", re.DOTALL)


def make_text(lines: Sequence[Line], indent: int = 0) -> Text:
    """Join lines to a fragment that may be shown: without comments, proofs and roles.

    Args:
        lines: the fragment's lines; empty ones at both ends are dropped.
        indent: how many leading spaces belong to the fragment's container.
    """
    shown = _replace_hidden(lines)
    while shown and not shown[0][1]:
        shown.pop(0)
    while shown and not shown[-1][1]:
        shown.pop()
    line = shown[0][0] if shown else (lines[0].number if lines else 1)
    dedented = [text[min(indent, count_indent(text)) :] for _, text in shown]
    return Text(source="\n".join(dedented), line=line)


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
    return CODE_SPAN.sub(lambda span: re.sub(r"[^\n]", "x", span[0]), outside_fences(source))


def check_text(text: Text, complaints: Complaints) -> None:
    """Complain about a fragment that is dangerous to render or that names a variable."""
    if len(text.source) > MAX_CHARACTERS:
        complaints.add(text.line, "E193", f"longer than {MAX_CHARACTERS:,} characters; split it.")
        return
    prose = outside_code(text.source)
    if prose.count("[") > MAX_BRACKETS:
        complaints.add(text.line, "E193", f"more than {MAX_BRACKETS} `[`; split it.")
    for offset, line in enumerate(prose.split("\n")):
        quotes = _QUOTE.match(line)
        if count_indent(line) > MAX_INDENT or (quotes and quotes[0].count(">") > MAX_QUOTES):
            complaints.add(text.line + offset, "E193", "nested too deeply.")
            return
    for offset, line in enumerate(_MATH.sub(_keep_lines, outside_fences(text.source)).split("\n")):
        if found := _VARIABLE.search(line):
            complaints.add(text.line + offset, "E154", f"unknown variable {found[0]}.")


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
