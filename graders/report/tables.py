"""Many reports at a glance: a table for a terminal, comma-separated values for a spreadsheet."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence

from graders.model import Report, Verdict
from graders.report.terminal import colour
from graders.report.words import VERDICT_WORDS, count_points
from graders.text import printable

_FORMULA_STARTS = ("=", "+", "-", "@", "\uff1d", "\uff0b", "\uff0d", "\uff20")
"""What makes a spreadsheet compute a cell; some take the full-width forms of these for the same."""


def render_table(reports: Sequence[tuple[str, Report]]) -> str:
    """Return one line per file, verdict, score and name, and a line that sums them up."""
    if not reports:
        return ""
    rows = [(report.verdict, f"{report.score:7.1%}", name) for name, report in reports]
    width = max(len(VERDICT_WORDS[verdict]) for verdict, _, _ in rows)
    lines = [
        f"  {colour(VERDICT_WORDS[verdict].ljust(width), verdict)} {score}  {printable(name)}"
        for verdict, score, name in rows
    ]
    return "\n".join([*lines, "", f"  {_sum_up([report for _, report in reports])}"])


def render_csv(reports: Sequence[tuple[str, Report]]) -> str:
    """Return a header and one row per file.

    Columns: file, verdict, score (0 to 1), earned and possible points, `check NAME` with the
    verdict of each check, misconception, seed. A cell that a spreadsheet would compute begins
    with an apostrophe, which makes it text there.
    """
    names = list(dict.fromkeys(check.name for _, report in reports for check in report.checks))
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    header = ["file", "verdict", "score", "earned", "possible"]
    header += [f"check {name}" for name in names]
    writer.writerow([*header, "misconception", "seed"])
    writer.writerows(_row(name, report, names) for name, report in reports)
    return text.getvalue()


def _sum_up(reports: Sequence[Report]) -> str:
    accepted = sum(report.verdict is Verdict.ACCEPTED for report in reports)
    graded = [report for report in reports if report.verdict.is_graded]
    mean = sum(report.score for report in graded) / len(graded) if graded else 0.0
    ungraded = len(reports) - len(graded)
    words = f"{accepted} of {len(reports)} accepted, mean score {mean:.1%}"
    return f"{words}, {ungraded} not graded" if ungraded else words


def _row(name: str, report: Report, names: Sequence[str]) -> list[str]:
    verdicts = {check.name: str(check.verdict) for check in report.checks}
    earned, possible = count_points(report.checks)
    cells = [_cell(name), str(report.verdict), f"{report.score:.6g}", f"{earned:g}"]
    cells += [f"{possible:g}", *(verdicts.get(check, "") for check in names)]
    return [*cells, _cell(report.misconception), str(report.seed)]


def _cell(text: str) -> str:
    """Return text that a spreadsheet shows and does not compute."""
    shown = printable(text)
    return f"'{shown}" if shown.lstrip().startswith(_FORMULA_STARTS) else shown
