"""Fenced code blocks: their roles, their code, and whether Python can read it."""

from __future__ import annotations

import re
from collections.abc import Sequence

from quizzer.banks.lines import Line, Role, count_indent, is_fence_close, match_fence
from quizzer.banks.problems import Complaints, suggest
from quizzer.banks.python import check_python
from quizzer.domain.items import Fence, Text
from quizzer.domain.variants import VARIABLE

BLANK = re.compile(r"(?<![A-Za-z0-9_])___([A-Za-z](?:_?[A-Za-z0-9])*)___(?![A-Za-z0-9_])")
HIDDEN_ROLES = ("verify", "variants", "parsons", "solution", "tests")
ROLES = ("run", "show", "starter", *HIDDEN_ROLES)
MAX_CODE_CHARACTERS = 60_000
# `show` may be anything; of `parsons` the lines that do not belong may be wrong Python as well.
_UNREAD = ("show", "parsons")
_SHOWN = ("", "run", "show")  # gaps and variables are filled in before these are run


def split_info(line: str) -> tuple[str, str]:
    """Return language and role of a code block's first line."""
    opening = match_fence(line.lstrip(" "))
    words = opening[2].split() if opening else []
    return (words[0] if words else ""), " ".join(words[1:])


def is_hidden(role: str) -> bool:
    """Whether a block of this role is never shown to learners."""
    return any(word in HIDDEN_ROLES for word in role.split())


def read_fences(lines: Sequence[Line], complaints: Complaints) -> tuple[Fence, ...]:
    """Return the code blocks among `lines`, having checked their roles and their Python."""
    starts = [index for index, line in enumerate(lines) if line.role is Role.FENCE_OPEN]
    if not starts:
        return ()
    ends = [index for index, line in enumerate(lines) if line.role is Role.FENCE_CLOSE]
    fences = tuple(
        _make_fence(lines[start], [line.text for line in lines[start + 1 : end]])
        for start, end in zip(starts, ends, strict=True)
    )
    for fence in fences:
        _check_role(fence, complaints)
        _check_code(fence, complaints)
    return fences


def _make_fence(opening: Line, texts: Sequence[str]) -> Fence:
    language, role = split_info(opening.text)
    indent = opening.indent
    code = "".join(f"{text[min(indent, count_indent(text)) :]}\n" for text in texts)
    return Fence(language=language, role=role, code=code, line=opening.number)


def list_fences(text: Text) -> tuple[Fence, ...]:
    """Return the code blocks of a fragment that has been accepted."""
    found: list[Fence] = []
    marker, opening, texts = "", Line(0, "", Role.BLANK), list[str]()
    for offset, line in enumerate(text.source.split("\n")):
        indent = opening.indent if marker else count_indent(line)
        start = match_fence(line[indent:])
        if marker and is_fence_close(line[min(indent, count_indent(line)) :], marker):
            found.append(_make_fence(opening, texts))
            marker, texts = "", []
        elif marker:
            texts.append(line)
        elif start:
            marker, opening = start[1], Line(text.line + offset, line, Role.FENCE_OPEN)
    return tuple(found)


def _check_role(fence: Fence, complaints: Complaints) -> None:
    roles = fence.role.split()
    if len(roles) > 1:
        complaints.add(fence.line, "E151", "a code block has one role only; split the block.")
    elif not roles:
        return
    elif fence.language != "python":
        complaints.add(
            fence.line,
            "E152",
            f"only a python block has a role; `{roles[0]}` stands on another; remove it.",
        )
    elif roles[0] not in ROLES:
        complaints.add(
            fence.line, "E150", f"unknown role `{roles[0][:40]}`.{suggest(roles[0], ROLES)}"
        )


def _check_code(fence: Fence, complaints: Complaints) -> None:
    if len(fence.code) > MAX_CODE_CHARACTERS:
        message = f"code of more than {MAX_CODE_CHARACTERS:,} characters; shorten it."
        complaints.add(fence.line, "E193", message)
        return
    is_read = fence.language == "python" and fence.role not in _UNREAD
    may_have_gaps = fence.role in _SHOWN and "___" in fence.code
    if is_read and not (may_have_gaps and BLANK.search(fence.code)):
        check_syntax(fence, complaints)


def check_syntax(fence: Fence, complaints: Complaints) -> None:
    """Complain about code that Python cannot read; variables stand for a number or a name."""
    fault = check_python(fence.code)
    if (
        fault
        and fence.role in (*_SHOWN, "parsons", "starter")
        and "{{" in fence.code
        and any(
            check_python(VARIABLE.sub(stand_in, fence.code)) is None for stand_in in ("1", r"\1")
        )
    ):
        return
    if fault:
        last = fence.line + fence.code.count("\n")
        line = min(fence.line + fault[0], max(last, fence.line))
        complaints.add(line, "E153", f"Python cannot read this: {fault[1]}.")
