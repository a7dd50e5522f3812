"""Many reports at a glance: a table for a terminal, comma-separated values for a spreadsheet."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence

from graders.model import Report, Verdict
from graders.report.terminal import colour
from graders.report.words import count_points, say_verdict
from graders.text import printable

_FORMULA_STARTS = ("=", "+", "-", "@", "\uff1d", "\uff0b", "\uff0d", "\uff20")
"""What makes a spreadsheet compute a cell; some take the full-width forms of these for the same."""


_NO_SCORE = "-"


def render_table(reports: Sequence[tuple[str, Report]], *, only_check: str = "") -> str:
    """Return one line per file, verdict, score and name, and a line that sums them up.

    What was not graded has no score; a name is followed by the number of remarks.

    Args:
        reports: name of each file and its report.
        only_check: the only check that was asked for; empty where all were.
    """
    if not reports:
        return ""
    width = max(len(say_verdict(report)) for _, report in reports)
    lines = [_line(name, report, width) for name, report in reports]
    alone = f", by the check {printable(only_check)} alone" if only_check else ""
    return "\n".join([*lines, "", f"  {_sum_up([report for _, report in reports])}{alone}"])


def _line(name: str, report: Report, width: int) -> str:
    verdict = colour(say_verdict(report).ljust(width), report.verdict)
    score = f"{report.score:7.1%}" if report.verdict.is_graded else f"{_NO_SCORE:>7}"
    count = len(report.information)
    remarks = f"  ({count} remark{'s' if count > 1 else ''})" if count else ""
    return f"  {verdict} {score}  {printable(name)}{colour(remarks, Verdict.SKIPPED)}"


def render_csv(reports: Sequence[tuple[str, Report]]) -> str:
    """Return a header and one row per file.

    Columns: file, verdict, score (0 to 1), earned and possible points, `check NAME` with the
    verdict of each check, misconception, remarks, seed. What was not graded has neither a score
    nor points earned. A cell that a spreadsheet would compute begins with an apostrophe, which
    makes it text there.
    """
    names = list(dict.fromkeys(check.name for _, report in reports for check in report.checks))
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    header = ["file", "verdict", "score", "earned", "possible"]
    header += [f"check {name}" for name in names]
    writer.writerow([*header, "misconception", "remarks", "seed"])
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
    score = [f"{report.score:.6g}", f"{earned:g}"] if report.verdict.is_graded else ["", ""]
    cells = [_cell(name), str(report.verdict), *score, f"{possible:g}"]
    cells += [verdicts.get(check, "") for check in names]
    remarks = " ".join(report.information)
    return [*cells, _cell(report.misconception), _cell(remarks), str(report.seed)]


def _cell(text: str) -> str:
    """Return text that a spreadsheet shows and does not compute."""
    shown = printable(text)
    return f"'{shown}" if shown.lstrip().startswith(_FORMULA_STARTS) else shown
