"""A report as text for a terminal."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Sequence
from itertools import groupby

import click

from graders.model import CheckResult, Report, Verdict
from graders.report.words import (
    LINE_CHARS,
    VALUE_COLUMN,
    Line,
    Tone,
    count_points,
    explain,
    say_verdict,
    shorten,
)
from graders.text import printable

WIDTH = 100
"""Columns to write in where nothing else is asked for."""

_NARROWEST = 40
_FOLDED = 4  # so many checks in a row that were not made for one reason are told in one line
_NAME_CHARS = 120
NOT_MADE = "Not made: "
"""What the message of a check that was not made begins with."""

_MARKS = {
    Verdict.ACCEPTED: ("✓", "green"),
    Verdict.SKIPPED: ("-", "yellow"),
    Verdict.AUTHOR_ERROR: ("!", "yellow"),  # no ✗ for what is somebody else's fault
    Verdict.PLATFORM_ERROR: ("!", "yellow"),
}
_FAILED = ("✗", "red")
_HARD_SPACE = "\N{NO-BREAK SPACE}"


def render_text(name: str, report: Report, *, width: int = WIDTH, only_check: str = "") -> str:
    """Return a report as styled lines for a terminal; `click.unstyle` makes it plain.

    Args:
        name: of the file that was graded.
        report: its report.
        width: columns to write in; what is narrower than 40 is taken as 40.
        only_check: the only check that was asked for; empty where all were.
    """
    width = max(_NARROWEST, width)
    lines = [_headline(name, report, only_check), ""]
    if report.message:
        lines += [*_say_what_stopped(report.message, width), ""]
    lines += _say_checks(report, width)
    if report.misconception:
        told = f"This often means: {printable(report.misconception)}"
        lines += [*_style_all(_wrap(told, width, 2), fg="cyan"), ""]
    for remark in report.information:
        lines += _wrap(f"Note: {printable(remark)}", width, 2)
    return "\n".join([*lines, _footer(report)])


def colour(text: str, verdict: Verdict, *, bold: bool = False) -> str:
    """Style text in the colour of a verdict."""
    return click.style(text, fg=_MARKS.get(verdict, _FAILED)[1], bold=bold or None)


def _headline(name: str, report: Report, only_check: str) -> str:
    words = colour(say_verdict(report), report.verdict, bold=True)
    earned, possible = count_points(report.checks)
    has_score = bool(report.checks) and report.verdict.is_graded
    score = f", {earned:g} of {possible:g} points" if has_score else ""
    score += f" by the check {printable(only_check)} alone" if only_check else ""
    shown = click.style(_shorten_name(printable(name)), bold=True)
    return f"{shown}: {words}{score} ({printable(report.exercise)})"


def _shorten_name(name: str) -> str:
    """Keep the end of a long path, which tells it apart."""
    return name if len(name) <= _NAME_CHARS else "…" + name[1 - _NAME_CHARS :]


def _say_what_stopped(message: str, width: int) -> list[str]:
    lines = [printable(line.expandtabs(4)) for line in message.splitlines()]
    return [part for line in lines for part in _wrap(line, width, 2)]


def _say_checks(report: Report, width: int) -> list[str]:
    if not report.checks:
        return []
    if all(check.verdict is Verdict.SKIPPED for check in report.checks):
        count = len(report.checks)
        which = "The one check was not made." if count == 1 else f"None of {count} checks was made."
        return [f"  {colour('-', Verdict.SKIPPED)} {which}", ""]
    told: dict[str, str] = {}
    points = max(len(_points(check)) for check in report.checks)
    lines: list[str] = []
    for reason, group in groupby(report.checks, _reason_not_made):
        checks = list(group)
        if reason and len(checks) >= _FOLDED:
            lines += _say_not_made(reason, checks, width)
        else:
            lines += [line for check in checks for line in _say_check(check, told, points, width)]
    return [*lines, ""]


def _reason_not_made(result: CheckResult) -> str:
    return result.message if result.verdict is Verdict.SKIPPED else ""


def _say_not_made(reason: str, checks: Sequence[CheckResult], width: int) -> list[str]:
    told = f"{len(checks)} checks were not made: {printable(reason.removeprefix(NOT_MADE))}"
    names = ", ".join(printable(check.name) for check in checks)
    lines = [f"  {colour('-', Verdict.SKIPPED)} {told}"]
    return [*lines, *_style_all(_wrap(f"({names})", width, 6), dim=True)]


def _say_check(result: CheckResult, told: dict[str, str], points: int, width: int) -> list[str]:
    """Return a check's lines: the sentence with its points, and what went wrong below it."""
    mark = colour(_MARKS.get(result.verdict, _FAILED)[0], result.verdict)
    indent = points + 6
    facts = _facts(result)
    # The facts stay together on a line, so that they can be told apart by their colour.
    glued = facts.replace(" ", _HARD_SPACE)
    wrapped = _wrap(f"{printable(result.sentence)} {glued}", width, indent)
    if wrapped[-1].endswith(glued):
        wrapped[-1] = wrapped[-1].removesuffix(glued) + click.style(facts, dim=True)
    wrapped = [line.replace(_HARD_SPACE, " ") for line in wrapped]  # of facts too long for a line
    wrapped[0] = f"  {mark} {_points(result):>{points}}  " + wrapped[0].lstrip()
    if result.verdict is Verdict.SKIPPED:
        return wrapped
    lines = explain(result, told, min(width - indent - 4, LINE_CHARS))
    return wrapped + [part for line in lines for part in _style(line, width, indent + 2)]


def _points(result: CheckResult) -> str:
    if not result.verdict.counts_as_try:
        return f"–/{result.points:g}"  # noqa: RUF001 - a dash, for no number
    earned = result.points if result.verdict is Verdict.ACCEPTED else 0
    return f"{earned:g}/{result.points:g}"


def _facts(result: CheckResult) -> str:
    """Return a check's name and what else there is to know of it in a word or two."""
    facts = [printable(result.name)] + (["hidden"] if result.hidden else [])
    if result.verdict is Verdict.SKIPPED:
        reason = printable(result.message).rstrip(".")
        facts.append(reason[:1].lower() + reason[1:] or "not made")
    elif not result.hidden:  # how long a hidden check takes is not told
        facts.append(_time(result.wall_s))
    return f"({', '.join(facts)})"


def _time(wall_s: float) -> str:
    return f"{wall_s:.1f} s" if wall_s >= 1 else f"{wall_s * 1000:.0f} ms"


def _style(line: Line, width: int, indent: int) -> list[str]:
    styles: dict[Tone, dict[str, object]] = {
        Tone.PLAIN: {},
        Tone.STRONG: {"bold": True},
        Tone.FAINT: {"dim": True},
        Tone.EXPECTED: {"fg": "green"},
        Tone.GOT: {"fg": "red"},
    }
    text = shorten(line.text, 10 * LINE_CHARS)
    if line.text.startswith(" "):
        parts = [" " * (indent + line.indent) + text]  # the mark below a place in the line above
    else:
        hanging = VALUE_COLUMN if line.tone in (Tone.EXPECTED, Tone.GOT) else 0
        parts = _wrap(text, width, indent + line.indent, hanging)
    return _style_all(parts, **styles[line.tone])


def _style_all(lines: Iterable[str], **styles: object) -> list[str]:
    """Style each line by itself, and not the spaces before it."""
    styled = []
    for line in lines:
        text = line.lstrip(" ")
        shown = click.style(text, **styles) if styles else text  # type: ignore[arg-type]
        styled.append(" " * (len(line) - len(text)) + shown)
    return styled


def _wrap(text: str, width: int, indent: int, hanging: int = 0) -> list[str]:
    """Wrap a line below its own beginning; `hanging` more spaces before all lines but the first."""
    own = len(text) - len(text.lstrip(" "))
    margin = " " * (indent + own)
    wrapped = textwrap.wrap(
        text.strip(" "),
        max(width, indent + own + hanging + 20),
        initial_indent=margin,
        subsequent_indent=margin + " " * hanging,
        break_on_hyphens=False,
    )
    return wrapped or [""]


def _footer(report: Report) -> str:
    facts = [f"seed {report.seed}", report.device, f"torch {report.torch_version}"]
    facts += [f"level {report.level}", _time(report.wall_s)]
    return click.style("  " + " · ".join(printable(fact) for fact in facts), dim=True)
