"""A report for people and for programs."""

from __future__ import annotations

import json
from collections.abc import Iterable

import click

from graders.model import CheckResult, Difference, Report, Verdict
from graders.text import printable

_MARKS = {Verdict.ACCEPTED: ("✓", "green"), Verdict.SKIPPED: ("-", "yellow")}
_FAILED = ("✗", "red")
_INDENT = " " * 6

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


def render_json(reports: Iterable[tuple[str, Report]]) -> str:
    """Return `{"reports": [{"file": …, …}]}` with the fields of `Report`."""
    entries = [{"file": printable(name), **report.to_dict()} for name, report in reports]
    return json.dumps({"reports": entries}, indent=2, ensure_ascii=False)


def render_text(name: str, report: Report) -> str:
    """Return a report as styled lines for a terminal; `click.unstyle` makes it plain.

    Args:
        name: of the file that was graded.
        report: its report.
    """
    lines = [_headline(name, report), ""]
    if report.message:
        lines += [f"  {line}" for line in report.message.splitlines()] + [""]
    told: dict[str, str] = {}
    for result in report.checks:
        lines += _say_check(result, told)
    if report.checks:
        lines.append("")
    if report.misconception:
        lines += [f"  This often means: {printable(report.misconception)}", ""]
    lines += [f"  Note: {remark}" for remark in report.information]
    return "\n".join([*lines, _footer(report)])


def say_difference(difference: Difference) -> str:
    """Return a difference as one sentence."""
    place = f" at {difference.where}" if difference.where else ""
    kind = difference.kind.replace("_", " ")
    if not difference.expected and not difference.got:
        return f"The {kind} differ{'' if kind.endswith('s') else 's'}{place}."
    note = f" ({difference.note})" if difference.note else ""
    return f"{kind}{place}: expected {difference.expected}, got {difference.got}{note}"


def render_table(reports: Iterable[tuple[str, Report]]) -> str:
    """Return one line per file: verdict, score and name."""
    rows = [(report.verdict, f"{report.score:7.1%}", name) for name, report in reports]
    width = max((len(VERDICT_WORDS[verdict]) for verdict, _, _ in rows), default=0)
    return "\n".join(
        f"  {_colour(VERDICT_WORDS[verdict].ljust(width), verdict)} {score}  {printable(name)}"
        for verdict, score, name in rows
    )


def _headline(name: str, report: Report) -> str:
    words = _colour(VERDICT_WORDS[report.verdict], report.verdict, bold=True)
    earned = sum(check.points for check in report.checks if check.verdict is Verdict.ACCEPTED)
    possible = sum(check.points for check in report.checks)
    score = f", {earned:g} of {possible:g} points" if report.checks else ""
    return f"{click.style(printable(name), bold=True)}: {words}{score} ({report.exercise})"


def _say_check(result: CheckResult, told: dict[str, str]) -> list[str]:
    """Return a check's lines; `told` maps what went wrong to the check that told it first."""
    mark, _ = _MARKS.get(result.verdict, _FAILED)
    points = f"{result.points if result.verdict is Verdict.ACCEPTED else 0:g}/{result.points:g}"
    hidden = " (hidden)" if result.hidden else ""
    lines = [f"{result.name}{hidden}, {points} points, {result.wall_s * 1000:.0f} ms"]
    if result.difference:
        lines.append(say_difference(result.difference))
    if result.message:
        lines += _say_message(result, told)
    if result.output:
        lines += ["it printed:", *(f"  {line}" for line in result.output.splitlines()[:10])]
    headline = f"  {_colour(mark, result.verdict)} {printable(result.sentence)}"
    return [headline, *(f"{_INDENT}{line}" for line in lines)]


def _say_message(result: CheckResult, told: dict[str, str]) -> list[str]:
    message = f"{result.message}\n{result.traceback}".strip()
    first = told.setdefault(message, result.name)
    if first != result.name:
        same = "the same error as in" if result.traceback else "as"
        return [f"{same} {first}"]
    return message.splitlines()


def _footer(report: Report) -> str:
    facts = [f"seed {report.seed}", report.device, f"torch {report.torch_version}"]
    facts += [f"level {report.level}", f"{report.wall_s:.2f} s"]
    return click.style("  " + " · ".join(facts), dim=True)


def _colour(text: str, verdict: Verdict, *, bold: bool = False) -> str:
    _, colour = _MARKS.get(verdict, _FAILED)
    return click.style(text, fg=colour, bold=bold)
