"""What a report says, line by line, before it is given the form of a terminal or of a file."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import Enum, auto
from itertools import groupby

from graders.model import CheckResult, Difference, Report, Verdict
from graders.text import printable

SHOWN_LINES = 10
"""How many lines of what a check printed are shown."""

LINE_CHARS = 200
VALUE_COLUMN = 10
"""Where a value begins on the lines `expected …` and `got …`."""

_CONTEXT_CHARS = 16  # of what two long values have in common, shown before the first difference
_SOURCE = "    "  # before a line of code in a traceback
_POINTED_AT = 6  # shorter beginnings in common need no mark below where they end

VERDICT_WORDS = {
    Verdict.PLATFORM_ERROR: "not graded: a fault of this machine",
    Verdict.AUTHOR_ERROR: "not graded: a fault of the exercise",
    Verdict.SYNTAX_ERROR: "not valid Python",
    Verdict.FORBIDDEN: "not allowed",
    Verdict.TIME_LIMIT: "time limit",
    Verdict.MEMORY_LIMIT: "memory limit",
    Verdict.OUTPUT_LIMIT: "output limit",
    Verdict.RUNTIME_ERROR: "stopped with an error",
    Verdict.WRONG: "wrong",
    Verdict.SKIPPED: "not checked",
    Verdict.ACCEPTED: "accepted",
}

_DIFFERS = {
    "structure": "The kind of value differs",
    "shape": "The shape differs",
    "dtype": "The dtype differs",
    "device": "The device differs",
    "requires_grad": "requires_grad differs",
    "nonfinite": "NaN or infinity differs",
    "values": "The values differ",
    "judged": "It is not as required",
}


_TOO_LONG = "The file is "  # what the message begins with where a file was not even read


class Tone(Enum):
    """How a line is meant, so that a terminal can colour it."""

    PLAIN = auto()
    STRONG = auto()
    FAINT = auto()
    EXPECTED = auto()
    GOT = auto()


@dataclass(frozen=True, slots=True)
class Line:
    """One line, free of line breaks and control characters.

    Attributes:
        text: without its indentation.
        tone: how it is meant.
        indent: spaces before it, and before its continuation where it has to be wrapped.
    """

    text: str
    tone: Tone = Tone.PLAIN
    indent: int = 0


def count_points(checks: Sequence[CheckResult]) -> tuple[float, float]:
    """Return the points earned and the points possible."""
    earned = sum(check.points for check in checks if check.verdict is Verdict.ACCEPTED)
    return earned, sum(check.points for check in checks)


def say_verdict(report: Report) -> str:
    """Return the verdict of a whole submission in a word or two."""
    if report.verdict is Verdict.FORBIDDEN and report.message.startswith(_TOO_LONG):
        return "too long"
    return VERDICT_WORDS[report.verdict]


def withhold(result: CheckResult) -> CheckResult:
    """Return a result without what a hidden check keeps to itself; any other as it is."""
    if not result.hidden:
        return result
    told = Difference(kind=result.difference.kind) if result.difference else None
    return replace(result, difference=told, traceback="", output="", wall_s=0.0)


def withhold_all(report: Report) -> Report:
    """Return a report without what its hidden checks keep to themselves."""
    return replace(report, checks=tuple(withhold(result) for result in report.checks))


def say_difference(difference: Difference) -> str:
    """Return a difference as one sentence."""
    place = f" at {printable(difference.where)}" if difference.where else ""
    if not difference.expected and not difference.got:
        return _say_kind(difference, place)
    note = f" ({printable(difference.note)})" if difference.note else ""
    told = f"expected {printable(difference.expected)}, got {printable(difference.got)}"
    return f"{_differs(difference)}{place}: {told}{note}"


def explain(result: CheckResult, told: dict[str, str], room: int = LINE_CHARS) -> list[Line]:
    """Return what there is to say about a check that did not simply pass.

    Args:
        result: the check's result; what a hidden one keeps to itself is not said.
        told: maps what went wrong to the check that told it first; it is added to.
        room: characters for one of two values that are shown under each other.
    """
    result = withhold(result)
    lines = _lay_out(result.difference, room) if result.difference else []
    if result.message:
        lines += _say_message(result, told)
    return lines + _say_output(result, told)


def shorten(text: str, most: int) -> str:
    """Cut a line to at most `most` characters."""
    return text if len(text) <= most else text[: most - 1] + "…"


def _say_kind(difference: Difference, place: str) -> str:
    if difference.note:
        note = printable(difference.note)
        return f"{place.strip()}: {note}" if place else note
    return f"{_differs(difference)}{place}."


def _differs(difference: Difference) -> str:
    return _DIFFERS.get(difference.kind, f"The {printable(difference.kind)} differs")


def _lay_out(difference: Difference, room: int) -> list[Line]:
    """Write expected and got under each other, each on a line however long they are."""
    if not difference.expected and not difference.got:
        return [Line(say_difference(difference))]
    place = f" at {printable(difference.where)}" if difference.where else ""
    note = f": {printable(difference.note)}" if difference.note else ""
    expected, got, mark = _align(
        printable(difference.expected), printable(difference.got), max(20, room - VALUE_COLUMN)
    )
    lines = [
        Line(f"{_differs(difference)}{place}{note}", Tone.STRONG),
        Line(f"{'expected':{VALUE_COLUMN}}{expected}", Tone.EXPECTED, 2),
        Line(f"{'got':{VALUE_COLUMN}}{got}", Tone.GOT, 2),
    ]
    return [*lines, Line(f"{'':{VALUE_COLUMN}}{mark}", Tone.FAINT, 2)] if mark else lines


def _align(expected: str, got: str, room: int) -> tuple[str, str, str]:
    """Cut two values alike, around where they part, and point at that place where it is far in.

    Values that have no beginning in common are left as they are, for whoever shows them to wrap.
    """
    pairs = zip(expected, got, strict=False)
    shortest = min(len(expected), len(got))
    first = next((place for place, (one, other) in enumerate(pairs) if one != other), shortest)
    if first < _POINTED_AT:
        return shorten(expected, LINE_CHARS), shorten(got, LINE_CHARS), ""
    start = 0
    if max(len(expected), len(got)) > room and first > _CONTEXT_CHARS:
        start = first - _CONTEXT_CHARS
    cut = [shorten(("…" if start else "") + text[start:], room) for text in (expected, got)]
    pointed_at = first - start + bool(start)
    return cut[0], cut[1], " " * pointed_at + "^" if expected != got else ""


def _say_message(result: CheckResult, told: dict[str, str]) -> list[Line]:
    whole = "\n".join(result.error).strip()
    first = told.setdefault(whole, result.name)
    if first != result.name:
        same = "the same error as in" if result.traceback else "as in"
        return [Line(f"{same} {printable(first)}")]
    lines = [Line(_clean(line), Tone.STRONG) for line in result.message.splitlines()]
    return lines + _lay_out_frames(result.traceback)


def _lay_out_frames(traceback: str) -> list[Line]:
    """Write frames one below the other, those of a recursion once; source lines are indented."""
    frames: list[list[str]] = []
    for line in traceback.splitlines():
        if line.startswith(_SOURCE) and frames:
            frames[-1].append(line)
        else:
            frames.append([line])
    lines = []
    for _, group in groupby(frames, lambda frame: [_place(frame[0]), *frame[1:]]):
        (place, *source), *again = group
        lines.append(Line(_clean(place), Tone.FAINT))
        lines += [Line(_clean(line), Tone.PLAIN, len(_SOURCE)) for line in source]
        if again:
            # Only so many frames are told: their number is not how deep it went.
            times = "again and again" if len(again) > 1 else "once more"
            lines.append(Line(f"and {times} from the same line", Tone.FAINT))
    return lines


def _place(line: str) -> str:
    return line.removeprefix("called from ")


def _say_output(result: CheckResult, told: dict[str, str]) -> list[Line]:
    if not result.output:
        return []
    first = told.setdefault(f"output: {result.output}", result.name)
    if first != result.name:
        return [Line(f"it printed the same as in {printable(first)}")]
    printed = result.output.splitlines()
    lines = [Line(_clean(line, strip=False), Tone.FAINT, 2) for line in printed[:SHOWN_LINES]]
    left = len(printed) - SHOWN_LINES
    rest = [Line(f"… and {left} more line{'s' if left > 1 else ''}", Tone.FAINT, 2)]
    return [Line("it printed:"), *lines, *(rest if left > 0 else [])]


def _clean(line: str, *, strip: bool = True) -> str:
    text = line.strip() if strip else line.rstrip()
    return printable(text.expandtabs(4))
