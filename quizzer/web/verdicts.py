"""Verdicts in the words of the page, and what else the grader says, cut to what can be read."""

from __future__ import annotations

import re
from dataclasses import dataclass

from quizzer.services.submitting import CheckResult, Difference, Report, Verdict

MOST_LINES = 8
LONGEST_LINE = 200

_STATES = {
    Verdict.ACCEPTED: "passed",
    Verdict.WRONG: "gives something else",
    Verdict.SKIPPED: "not run",
    Verdict.RUNTIME_ERROR: "your code raised an exception",
    Verdict.TIME_LIMIT: "took too long",
    Verdict.MEMORY_LIMIT: "needed too much memory",
    Verdict.OUTPUT_LIMIT: "printed too much",
    Verdict.FORBIDDEN: "uses what this exercise forbids",
    Verdict.SYNTAX_ERROR: "is not valid Python",
    Verdict.AUTHOR_ERROR: "could not be judged: the exercise is at fault",
    Verdict.PLATFORM_ERROR: "could not be judged: the platform is at fault",
}

_HEADLINES = {
    Verdict.ACCEPTED: "✓ All checks passed.",
    Verdict.WRONG: "≠ Not yet: your code gives something else.",
    Verdict.SKIPPED: "○ Not yet: some checks were not run.",
    Verdict.RUNTIME_ERROR: "✗ Your code raised an exception.",
    Verdict.TIME_LIMIT: "✗ Your code took too long.",
    Verdict.MEMORY_LIMIT: "✗ Your code needed too much memory.",
    Verdict.OUTPUT_LIMIT: "✗ Your code printed too much.",
    Verdict.FORBIDDEN: "✗ Your code uses what this exercise forbids.",
    Verdict.SYNTAX_ERROR: "✗ This is not valid Python.",
    Verdict.AUTHOR_ERROR: "The exercise has a mistake of its author's. This does not count.",
    Verdict.PLATFORM_ERROR: "Grading failed on our side. This does not count.",
}

_DIFFERENCES = {
    "structure": "another kind of value",
    "shape": "another shape",
    "dtype": "another dtype",
    "device": "another device",
    "requires_grad": "another requires_grad",
    "nonfinite": "NaN or infinity",
    "values": "other values",
    "judged": "not what is asked for",
}


@dataclass(frozen=True, slots=True)
class _Case:
    """A verdict's words where the beginning of the grader's message says more than the verdict."""

    verdict: Verdict
    beginning: str
    headline: str
    state: str = ""


_CASES = (
    _Case(Verdict.WRONG, "The file is empty", "✗ There is no code to grade."),
    _Case(Verdict.WRONG, "The file defines no", "✗ {entry} is missing."),
    _Case(Verdict.WRONG, "The name ", "✗ {entry} cannot be called."),
    _Case(
        Verdict.SYNTAX_ERROR, "The file is not UTF-8", "✗ The file is not text that we can read."
    ),
    _Case(Verdict.FORBIDDEN, "The file is", "✗ The file is too long."),
    _Case(
        Verdict.RUNTIME_ERROR,
        "Your code asked Python to exit",
        "✗ Your code asked Python to exit.",
        "your code asked Python to exit",
    ),
    _Case(
        Verdict.RUNTIME_ERROR,
        "The process ",
        "✗ Your code ended before it answered.",
        "your code ended before it answered",
    ),
)

# How a check observes a value that is not what it should be: a quoted description of its kind.
_DESCRIPTION = re.compile(r"'(?P<form>\w+ \(no tensor\)|\w+ tensor of shape \(.*)'")


def say_headline(report: Report, entry: tuple[str, ...]) -> str:
    """Return the verdict of a whole submission in one sentence.

    Args:
        report: what the grader found.
        entry: the names that a submission must define.
    """
    case = _find_case(report.verdict, _find_message(report))
    if case is None:
        return _HEADLINES[report.verdict]
    return case.headline.format(entry=entry[0] if len(entry) == 1 else "A function or class")


def say_state(result: CheckResult) -> str:
    """Return what became of one check, as the end of a sentence."""
    case = _find_case(result.verdict, result.message)
    return case.state if case is not None and case.state else _STATES[result.verdict]


def say_outcome(verdict: Verdict) -> str:
    """Return the verdict of a whole submission in the words that its checks have."""
    return "some checks not run" if verdict is Verdict.SKIPPED else _STATES[verdict]


def say_difference(difference: Difference) -> str:
    """Return in which respect what was seen differs."""
    return _DIFFERENCES.get(difference.kind, difference.kind)


def say_value(text: str) -> str:
    """Return a value of a difference; the description of a value's kind without its quotes."""
    match = _DESCRIPTION.fullmatch(text)
    return match["form"].replace(" (no tensor)", ", which is no tensor") if match else text


def is_quotation(verdict: Verdict) -> bool:
    """Whether the message of this verdict quotes Python, and not only words of ours."""
    return verdict in (Verdict.RUNTIME_ERROR, Verdict.SYNTAX_ERROR)


def shorten(text: str) -> str:
    """Return text cut to MOST_LINES lines of LONGEST_LINE characters; … marks what is missing."""
    lines = text.splitlines()
    shown = [
        line if len(line) <= LONGEST_LINE else line[: LONGEST_LINE - 1] + "…"
        for line in lines[:MOST_LINES]
    ]
    return "\n".join(shown if len(lines) <= MOST_LINES else [*shown[:-1], "…"])


def _find_message(report: Report) -> str:
    """Return what was said of the whole submission, or of the first check with its verdict."""
    if report.message:
        return report.message
    return next((one.message for one in report.checks if one.verdict is report.verdict), "")


def _find_case(verdict: Verdict, message: str) -> _Case | None:
    return next(
        (one for one in _CASES if one.verdict is verdict and message.startswith(one.beginning)),
        None,
    )
