"""A report as the `results.json` that Gradescope reads after an autograder has run.

Written after the "Output format" section of Gradescope's autograder specification. Gradescope
shows a learner what is marked visible at once, `after_published` with the grades, and adds up the
tests' scores itself.
"""

from __future__ import annotations

import json

from graders.model import CheckResult, Report, Verdict
from graders.report.words import count_points, explain, withhold_all
from graders.text import printable

SHOWN = "visible"
SHOWN_LATER = "after_published"
"""Visibility of hidden checks: that they exist, and how they ended, is told with the grades."""

NEVER_SHOWN = "hidden"


def render_gradescope(report: Report) -> str:
    """Return the JSON text of one submission.

    Hidden checks count, but neither the text on the whole submission nor a visible test tells
    how they ended.

    Raises:
        ValueError: for a submission that was not graded. It has no score, and Gradescope knows
            no other sign of that than a run that leaves no results.
    """
    if not report.verdict.is_graded:
        raise ValueError(f"a verdict of {report.verdict} is no result")
    report = withhold_all(report)
    earned, _ = count_points(report.checks)
    results = {
        "score": earned,
        "execution_time": round(report.wall_s, 3),
        "output": _say_all(report),
        "output_format": "text",
        "test_output_format": "text",
        "test_name_format": "text",
        "visibility": SHOWN,
        "stdout_visibility": NEVER_SHOWN,
        "extra_data": _collect_facts(report),
        "tests": _tests(report),
    }
    return json.dumps(results, indent=2)


def _tests(report: Report) -> list[dict[str, object]]:
    tests = [_test(number, check) for number, check in enumerate(report.checks, start=1)]
    return tests + _say_misconception(report)


def _test(number: int, check: CheckResult) -> dict[str, object]:
    passed = check.verdict is Verdict.ACCEPTED
    lines = [" " * line.indent + line.text for line in explain(check, {})]
    return {
        "number": str(number),
        "name": printable(check.sentence),
        "status": "passed" if passed else "failed",
        "score": check.points if passed else 0,
        "max_score": check.points,
        "output": "\n".join(lines),
        "visibility": SHOWN_LATER if check.hidden else SHOWN,
        "extra_data": {"check": check.name, "verdict": str(check.verdict)},
    }


def _say_misconception(report: Report) -> list[dict[str, object]]:
    """Return a test without points, as late as the checks from which the mistake was told."""
    if not report.misconception:
        return []
    hidden = any(check.hidden for check in report.checks)
    return [
        {
            "name": "What this often means",
            "output": printable(report.misconception),
            "visibility": SHOWN_LATER if hidden else SHOWN,
        }
    ]


def _say_all(report: Report) -> str:
    lines = [printable(line) for line in report.message.splitlines()]
    lines += [f"Note: {printable(remark)}" for remark in report.information]
    return "\n".join([*lines, f"Graded with seed {report.seed}."])


def _collect_facts(report: Report) -> dict[str, object]:
    return {
        "exercise": report.exercise,
        "exercise_hash": report.exercise_hash,
        "seed": report.seed,
        "device": report.device,
        "torch": report.torch_version,
        "level": report.level,
    }
