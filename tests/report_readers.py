"""Strict readers of the forms in which reports leave the grader.

Each knows what the form's documentation allows, and refuses everything else: a reader that takes
anything proves nothing about the writer.
"""

from __future__ import annotations

import json
import re
import xml.etree.ElementTree as ET

# JUnit. There is no one schema; these rules are the common ground of the two that are in use, Ant's
# (which Windy Road wrote down) and Jenkins's. What one requires is required, and what one of them
# does not know is refused:
#   testsuites: no attributes, testsuite elements only.
#   testsuite: the attributes below, no others; children in this order: one `properties`, any
#     number of `testcase`, one `system-out`, one `system-err`.
#   property: name (not empty) and value.
#   testcase: name, classname (not empty) and time; at most one child, one of `skipped`, `error`
#     and `failure`.
#   error, failure: type (not empty) and message. skipped: message or nothing; no text.
#   Times are decimals without exponents. tests, failures, errors, skipped count what is there.
#   timestamp is YYYY-MM-DDTHH:MM:SS without a zone.
_SUITE_ATTRIBUTES = {
    "name",
    "package",
    "id",
    "timestamp",
    "hostname",
    "tests",
    "failures",
    "errors",
    "skipped",
    "time",
}
_DECIMAL = re.compile(r"\d+(\.\d+)?")
_TIMESTAMP = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}")


def read_junit(text):
    """Return the root of a JUnit document that keeps every rule above."""
    root = ET.fromstring(text.encode())  # noqa: S314 - we wrote it ourselves
    assert (root.tag, root.attrib) == ("testsuites", {})
    for place, suite in enumerate(root):
        assert suite.tag == "testsuite"
        assert suite.get("id") == str(place)
        _require_suite(suite)
    return root


def _require_suite(suite):
    assert set(suite.attrib) == _SUITE_ATTRIBUTES
    assert all(suite.get(name) for name in _SUITE_ATTRIBUTES)
    assert _TIMESTAMP.fullmatch(suite.get("timestamp"))
    assert _DECIMAL.fullmatch(suite.get("time"))
    first, *cases, output, errors = suite
    assert (first.tag, output.tag, errors.tag) == ("properties", "system-out", "system-err")
    assert len(first) > 0
    for entry in first:
        assert (entry.tag, set(entry.attrib), len(entry)) == ("property", {"name", "value"}, 0)
        assert entry.get("name")
    for case in cases:
        _require_case(case)
    counts = {"tests": len(cases)}
    for attribute, tag in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
        counts[attribute] = len([case for case in cases if case.find(tag) is not None])
    assert {name: int(suite.get(name)) for name in counts} == counts


def _require_case(case):
    assert case.tag == "testcase"
    assert set(case.attrib) == {"name", "classname", "time"}
    assert case.get("name")
    assert case.get("classname")
    assert _DECIMAL.fullmatch(case.get("time"))
    assert len(case) <= 1
    for outcome in case:
        assert len(outcome) == 0
        if outcome.tag == "skipped":
            assert set(outcome.attrib) <= {"message"}
            assert not (outcome.text or "").strip()
        else:
            assert outcome.tag in {"error", "failure"}
            assert set(outcome.attrib) == {"type", "message"}
            assert outcome.get("type")


# Gradescope, after "Output format" of its autograder specification: every key that it names, with
# its type; a key that it does not name is refused.
_VISIBILITIES = {"hidden", "after_due_date", "after_published", "visible"}
_FORMATS = {"text", "html", "simple_format", "md", "ansi"}
_NUMBER = (int, float)
_RESULT_KEYS = {
    "score": _NUMBER,
    "execution_time": _NUMBER,
    "output": str,
    "output_format": _FORMATS,
    "test_output_format": _FORMATS,
    "test_name_format": _FORMATS,
    "visibility": _VISIBILITIES,
    "stdout_visibility": _VISIBILITIES,
    "extra_data": dict,
    "tests": list,
    "leaderboard": list,
}
_TEST_KEYS = {
    "score": _NUMBER,
    "max_score": _NUMBER,
    "status": {"passed", "failed"},
    "name": str,
    "name_format": _FORMATS,
    "number": str,
    "output": str,
    "output_format": _FORMATS,
    "tags": list,
    "visibility": _VISIBILITIES,
    "extra_data": dict,
}


def read_gradescope(text):
    """Return the results of a results.json that keeps to Gradescope's documentation."""
    results = json.loads(text, parse_constant=_refuse_constant)
    _require_keys(results, _RESULT_KEYS)
    tests = results.get("tests", [])
    # A score for the whole, or one for each test.
    assert "score" in results or (tests and all("score" in test for test in tests))
    for test in tests:
        _require_keys(test, _TEST_KEYS)
        assert 0 <= test.get("score", 0) <= test.get("max_score", 0)
        assert ("score" in test) == ("max_score" in test)
    return results


def _require_keys(values, allowed):
    assert isinstance(values, dict)
    assert set(values) <= set(allowed)
    for key, value in values.items():
        wanted = allowed[key]
        if isinstance(wanted, set):
            assert value in wanted, key
        else:
            assert isinstance(value, wanted), key
            assert not isinstance(value, bool), key


def _refuse_constant(name):
    raise AssertionError(f"{name} is no JSON")
