"""Options: a ticked box is a right answer, the quote below it is what the learner is told."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from quizzer.banks.chips import OPTION_LABELS, Chip, split_chips
from quizzer.banks.fences import is_hidden, read_fences
from quizzer.banks.fragments import check_text, make_text
from quizzer.banks.lines import OPTION, Line, Role, is_fence_close, match_fence
from quizzer.banks.problems import Complaints, suggest
from quizzer.domain.items import Fence, Option, Text

MAX_OPTIONS = 26
_SPAN = re.compile(r"(`+)(?!`)(.+?)(?<!`)\1")
_SHARE = re.compile(r"0(?:\.\d{1,4})?\Z")
_KEY = re.compile(r"[A-Za-z0-9_-]{1,32}\Z")


@dataclass(frozen=True, slots=True)
class OptionLabels:
    """The labels that feedback starts with; `key` is empty where the author gave none."""

    key: str = ""
    misconception: str | None = None
    score: float = 0.0


@dataclass(frozen=True, slots=True)
class _Group:
    """The lines of one option: its text, and its feedback without the quote's marks."""

    text: tuple[Line, ...]
    feedback: tuple[Line, ...]


def read_options(lines: Sequence[Line], complaints: Complaints) -> tuple[Option, ...]:
    """Read a list of options; `lines` starts with the first of them."""
    starts = [index for index, line in enumerate(lines) if line.role is Role.OPTION]
    ends = [*starts[1:], len(lines)]
    options: list[Option] = []
    for start, end in zip(starts, ends, strict=True):
        group = _split_group(lines[start:end], complaints)
        options.append(_read_option(group, len(options), complaints))
    if len(options) > MAX_OPTIONS:
        complaints.add(
            lines[starts[MAX_OPTIONS]].number,
            "E193",
            f"over {MAX_OPTIONS} options; leave some out.",
        )
    else:
        check_keys(options, complaints)
    return tuple(options)


def _refuse_text(line: Line, complaints: Complaints) -> None:
    if complaints.has_errors_between(line.number, line.number):
        return  # it was meant as an option, and that has been told
    message = "the options come last; indent this by two spaces or move it above them."
    complaints.add(line.number, "E138", message)


def _split_group(lines: Sequence[Line], complaints: Complaints) -> _Group:
    text: list[Line] = [lines[0]]
    feedback: list[Line] = []
    is_over = False
    for line in lines[1:]:
        if line.role is Role.BLANK:
            is_over = is_over or bool(feedback)
            text.append(line)
        elif line.role is Role.COMMENT:
            continue
        elif line.role is Role.TEXT and not line.text.startswith("  "):
            _refuse_text(line, complaints)
        elif line.role is Role.TEXT and line.text.startswith("  >") and not is_over:
            content = line.text[3:]
            feedback.append(Line(line.number, content.removeprefix(" "), Role.TEXT))
        elif feedback:
            complaints.add(
                line.number,
                "E133",
                "the feedback is the last thing of an option; move this above it.",
            )
        else:
            text.append(line)
    return _Group(tuple(text), tuple(feedback))


def _read_option(group: _Group, position: int, complaints: Complaints) -> Option:
    _check_roles(read_fences(group.text, complaints), complaints)
    box = OPTION.match(group.text[0].text)
    first = Line(group.text[0].number, "  " + (box[2].rstrip(" ") if box else ""), Role.TEXT)
    text = make_text((first, *group.text[1:]), indent=2)
    labels, feedback = read_feedback(group.feedback, complaints)
    check_text(text, complaints)
    return Option(
        key=labels.key or make_key(position),
        text=text,
        value=find_single_span(text.source) or "",
        correct=bool(box and box[1] in "xX"),
        feedback=feedback,
        misconception=labels.misconception,
        score=labels.score,
    )


def make_key(position: int) -> str:
    """Return the key of an option whose author gave none: a, b, c ..."""
    return chr(ord("a") + position % MAX_OPTIONS)


def _check_roles(fences: Sequence[Fence], complaints: Complaints) -> None:
    for fence in fences:
        if is_hidden(fence.role) or fence.role == "starter":
            complaints.add(fence.line, "E150", "a code block of an option has no such role.")


def read_feedback(
    lines: Sequence[Line], complaints: Complaints
) -> tuple[OptionLabels, Text | None]:
    """Read what is said about an option: the labels at its start, and the text.

    Args:
        lines: without the marks of the quote; may be empty.
        complaints: where complaints go.
    """
    if not lines:
        return OptionLabels(), None
    found, rest = split_chips(lines[0].text)
    chips: dict[str, Chip] = {}
    for name, value in found:
        _add_label(name, Chip(value, lines[0].number), chips, complaints)
    kept = (Line(lines[0].number, rest, Role.TEXT), *lines[1:]) if found else tuple(lines)
    _check_closed(kept, complaints)
    text = make_text(kept)
    check_text(text, complaints)
    return _make_labels(chips, complaints), text if text.source else None


def _make_labels(chips: Mapping[str, Chip], complaints: Complaints) -> OptionLabels:
    values = {name: chip.value for name, chip in chips.items()}
    score = values.get("score", "0")
    if not _SHARE.match(score):
        complaints.add(chips["score"].line, "E143", "`score` is a share such as `0.5`, below 1.")
        score = "0"
    return OptionLabels(values.get("key", ""), values.get("misconception"), float(score))


def _add_label(name: str, chip: Chip, chips: dict[str, Chip], complaints: Complaints) -> None:
    if name not in OPTION_LABELS:
        hint = suggest(name, OPTION_LABELS) or " If it is no label, put a word before it."
        complaints.add(chip.line, "E134", f"unknown label of an option: `{name}`.{hint}")
    elif name in chips:
        complaints.add(chip.line, "E141", f"label `{name}` stands twice; remove one.")
    elif name == "key" and not _KEY.match(chip.value):
        complaints.add(chip.line, "E143", "a key has letters, digits, `-` and `_` only.")
    chips.setdefault(name, chip)


def _check_closed(lines: Sequence[Line], complaints: Complaints) -> None:
    """Complain about a code block inside the feedback that its quote does not close."""
    marker, start = "", 0
    if not any(mark in line.text for line in lines for mark in ("```", "~~~")):
        return
    for line in lines:
        opening = match_fence(line.text.lstrip(" "))
        if marker and is_fence_close(line.text, marker):
            marker = ""
        elif not marker and opening:
            marker, start = opening[1], line.number
    if marker:
        complaints.add(start, "E104", "close this code block inside the feedback.")


def check_keys(options: Sequence[Option], complaints: Complaints) -> None:
    """Complain about a key that two options have."""
    seen: dict[str, int] = {}
    for option in options:
        if option.key in seen:
            complaints.add(
                option.text.line,
                "E172",
                f"key `{option.key}` is already that of the option on line {seen[option.key]};"
                " choose another.",
            )
        seen.setdefault(option.key, option.text.line)


def find_single_span(source: str) -> str | None:
    """Return the content of a text that is one code span and nothing else, or None."""
    if "\n" in source or not source.lstrip(" ").startswith("`"):
        return None
    found = _SPAN.fullmatch(source.strip(" "))
    if not found:
        return None
    content = found[2]
    if content[0] == content[-1] == " " and content.strip(" "):
        return content[1:-1]
    return content
