"""A report as JUnit's XML, the form that build servers read.

The schemas in use differ; what is written here is allowed by all of them: the attributes that any
of them requires, properties before test cases, at most one outcome in a test case, output at the
end of the suite.
"""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime

from graders.model import CheckResult, Report, Verdict
from graders.report.words import VERDICT_WORDS, explain, say_difference, withhold_all
from graders.text import REPLACEMENT, printable

WHOLE_FILE = "(the whole file)"
"""Name of the test case that stands for what no check is to blame for."""

_FAILURES = (Verdict.WRONG, Verdict.FORBIDDEN, Verdict.SYNTAX_ERROR)  # all others are errors
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def render_junit(reports: Iterable[tuple[str, Report]], *, now: datetime | None = None) -> str:
    """Return one test suite per file, with one test case per check.

    Args:
        reports: name of the file and its report.
        now: time of the grading, with its zone; None for this moment.
    """
    root = ET.Element("testsuites")
    at = (now or datetime.now(UTC)).astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S")
    for number, (name, report) in enumerate(reports):
        _add_suite(root, number, printable(name), withhold_all(report), at)
    ET.indent(root)
    # The declaration names the encoding in which this text has to be written.
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{ET.tostring(root, encoding="unicode")}'


def _add_suite(root: ET.Element, number: int, name: str, report: Report, at: str) -> None:
    suite = ET.SubElement(root, "testsuite")
    group = report.exercise.replace("/", ".")
    properties = ET.SubElement(suite, "properties")
    for key, value in _properties(report).items():
        ET.SubElement(properties, "property", name=key, value=_xml(value))
    if _is_unexplained(report):
        _add_case(suite, group, _stand_in(report))
    for check in report.checks:
        _add_case(suite, group, check)
    ET.SubElement(suite, "system-out").text = _xml(_collect_output(report))
    ET.SubElement(suite, "system-err")
    attributes = {"name": name or "-", "package": group, "id": str(number), "timestamp": at}
    # The machine's own name is nobody's business who reads a report.
    attributes |= {"hostname": "localhost", "time": _seconds(report.wall_s), **_count(suite)}
    for key, value in attributes.items():
        suite.set(key, _xml(value))


def _properties(report: Report) -> dict[str, str]:
    return {
        "exercise": report.exercise,
        "exercise_hash": report.exercise_hash,
        "verdict": str(report.verdict),
        "score": f"{report.score:.6g}",
        "seed": str(report.seed),
        "device": report.device,
        "torch": report.torch_version,
        "level": report.level,
        "misconception": report.misconception,
        "remarks": " ".join(report.information),
    }


def _is_unexplained(report: Report) -> bool:
    """Whether something befell the file that none of its checks shows."""
    verdicts = {check.verdict for check in report.checks}
    return bool(report.message) or report.verdict not in verdicts


def _stand_in(report: Report) -> CheckResult:
    return CheckResult(
        name=WHOLE_FILE,
        sentence="The file can be graded.",
        points=0,
        verdict=report.verdict,
        message=report.message,
    )


def _add_case(suite: ET.Element, group: str, result: CheckResult) -> None:
    case = ET.SubElement(suite, "testcase", name=_xml(result.name), classname=_xml(group))
    case.set("time", _seconds(result.wall_s))
    if result.verdict is Verdict.ACCEPTED:
        return
    headline = _say_briefly(result)
    if result.verdict is Verdict.SKIPPED:
        ET.SubElement(case, "skipped", message=_xml(headline))
        return
    kind = "failure" if result.verdict in _FAILURES else "error"
    outcome = ET.SubElement(case, kind, type=str(result.verdict), message=_xml(headline))
    # What a check printed stands in system-out; here it would be there twice.
    told = explain(replace(result, output=""), {})
    lines = [" " * line.indent + line.text for line in told]
    outcome.text = _xml("\n".join([result.sentence, *lines]))


def _say_briefly(result: CheckResult) -> str:
    if result.difference:
        return say_difference(result.difference)
    first = next(iter(result.message.splitlines()), "")
    return first or VERDICT_WORDS[result.verdict]


def _collect_output(report: Report) -> str:
    printed = [check for check in report.checks if check.output]
    return "\n".join(f"[{check.name}]\n{check.output}" for check in printed)


def _count(suite: ET.Element) -> dict[str, str]:
    cases = suite.findall("testcase")
    found = {"tests": len(cases)}
    for attribute, tag in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
        found[attribute] = sum(case.find(tag) is not None for case in cases)
    return {name: str(count) for name, count in found.items()}


def _seconds(wall_s: float) -> str:
    return f"{wall_s:.3f}"


def _xml(text: str) -> str:
    """Replace what XML 1.0 has no way to write; the rest is escaped by the writer."""
    return _NOT_XML.sub(REPLACEMENT, text)
