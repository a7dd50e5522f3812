"""JUnit, Gradescope and CSV: each read back by a reader of that form."""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime

import junitparser
import pytest

from graders.model import CheckResult, Difference, Report, Verdict
from graders.report import render_csv, render_gradescope, render_json, render_junit, render_text
from tests.report_readers import read_gradescope, read_junit

NOW = datetime(2026, 3, 1, 12, 30, 15, tzinfo=UTC)
HOSTILE = "\x1b[31m\u202e\x00\ud800\ufffe]]><&\"'\x0b\r\n"


def make_result(**changes):
    values = {"name": "value", "sentence": "It holds.", "points": 2.0, "verdict": Verdict.ACCEPTED}
    return CheckResult(**{**values, **changes})


def make_report(*checks, **changes):
    values = {
        "exercise": "arithmetic/doubling",
        "exercise_hash": "abc",
        "verdict": Verdict.WRONG,
        "score": 0.5,
        "checks": checks,
        "seed": 17,
        "device": "cpu",
        "torch_version": "2.13.0",
        "level": "A",
        "wall_s": 0.25,
    }
    return Report(**{**values, **changes})


def make_mixed():
    """Return a report with one check of each kind of ending."""
    difference = Difference(kind="values", where="[1]", expected="2", got="3")
    return make_report(
        make_result(wall_s=0.5, output="hello"),
        make_result(name="off", verdict=Verdict.WRONG, difference=difference),
        make_result(name="raises", verdict=Verdict.RUNTIME_ERROR, message="ValueError: no"),
        make_result(name="slow", verdict=Verdict.TIME_LIMIT, message="Stopped after 4 s."),
        make_result(name="later", verdict=Verdict.SKIPPED, message="Not made: off did not pass."),
        make_result(name="secret", verdict=Verdict.WRONG, hidden=True, difference=difference),
    )


def junit(*reports):
    return render_junit(reports, now=NOW)


def read_by_others(text):
    return junitparser.JUnitXml.fromstring(text.encode())


def test_junit_is_one_suite_per_file_and_one_case_per_check():
    text = junit(("a.py", make_mixed()), ("b.py", make_report(make_result(), score=1.0)))
    read_junit(text)
    one, other = read_by_others(text)
    assert (one.name, other.name) == ("a.py", "b.py")
    assert (one.tests, one.failures, one.errors, one.skipped) == (6, 2, 2, 1)
    assert (other.tests, other.failures) == (2, 1)  # its verdict is wrong, and no check says why
    cases = {case.name: case for case in one}
    assert {
        name: [type(found).__name__ for found in case.result] for name, case in cases.items()
    } == {
        "value": [],
        "off": ["Failure"],
        "raises": ["Error"],
        "slow": ["Error"],
        "later": ["Skipped"],
        "secret": ["Failure"],
    }
    assert cases["value"].time == 0.5
    assert cases["value"].classname == "arithmetic.doubling"
    assert cases["off"].result[0].message == "The values differ at [1]: expected 2, got 3"
    assert cases["off"].result[0].text.splitlines() == [
        "It holds.",
        "The values differ at [1]",
        "  expected  2",
        "  got       3",
    ]
    assert cases["slow"].result[0].type == "time_limit"


def test_junit_tells_what_is_needed_to_repeat_it():
    (suite,) = read_by_others(junit(("a.py", make_mixed())))
    told = {entry.name: entry.value for entry in suite.properties()}
    assert told == {
        "exercise": "arithmetic/doubling",
        "exercise_hash": "abc",
        "verdict": "wrong",
        "score": "0.5",
        "seed": "17",
        "device": "cpu",
        "torch": "2.13.0",
        "level": "A",
        "misconception": "",
        "remarks": "",
    }
    assert suite.timestamp == "2026-03-01T12:30:15"
    assert read_junit(junit(("a.py", make_mixed())))[0].findtext("system-out") == "[value]\nhello"


def test_junit_has_a_case_for_what_no_check_is_to_blame_for():
    skipped = make_result(verdict=Verdict.SKIPPED, message="Not made.")
    report = make_report(skipped, verdict=Verdict.SYNTAX_ERROR, message="Line 1: bad.\n    x =")
    (suite,) = read_by_others(junit(("a.py", report)))
    first = next(iter(suite))
    assert first.name == "(the whole file)"
    assert first.result[0].message == "Line 1: bad."
    assert "x =" in first.result[0].text
    assert (suite.failures, suite.skipped) == (1, 1)


def test_junit_of_a_file_that_nothing_looked_at_is_skipped_and_not_passed():
    report = make_report(verdict=Verdict.SKIPPED, message="Not checked: no cuda.")
    (suite,) = read_by_others(junit(("a.py", report)))
    assert (suite.tests, suite.skipped) == (1, 1)


@pytest.mark.parametrize("verdict", [verdict for verdict in Verdict if verdict != "accepted"])
def test_junit_is_never_green_for_what_was_not_accepted(verdict):
    for report in (make_report(verdict=verdict), make_report(make_result(), verdict=verdict)):
        (suite,) = read_by_others(junit(("a.py", report)))
        assert suite.failures + suite.errors + suite.skipped == 1


def test_junit_takes_any_text():
    difference = Difference(
        kind=HOSTILE, where=HOSTILE, expected=HOSTILE, got=HOSTILE, note=HOSTILE
    )
    report = make_report(
        make_result(name=HOSTILE, sentence=HOSTILE, output=HOSTILE),
        make_result(verdict=Verdict.WRONG, difference=difference),
        make_result(verdict=Verdict.RUNTIME_ERROR, message=HOSTILE, traceback=HOSTILE),
        exercise=HOSTILE,
        message=HOSTILE,
        misconception=HOSTILE,
        device=HOSTILE,
        torch_version=HOSTILE,
    )
    text = junit((HOSTILE, report), ("", report))
    assert not {"\x00", "\x1b", "\x0b", "\ufffe"} & set(text)
    read_junit(text)
    suite, _ = read_by_others(text)
    assert "]]><&\"'" in suite.name


def test_gradescope_counts_every_check_and_shows_the_visible_ones():
    results = read_gradescope(render_gradescope(make_mixed()))
    assert results["score"] == 2.0
    assert results["stdout_visibility"] == "hidden"
    told = [
        (test["name"], test["score"], test["max_score"], test["status"], test["visibility"])
        for test in results["tests"]
    ]
    assert told == [
        ("It holds.", 2.0, 2.0, "passed", "visible"),
        *[("It holds.", 0, 2.0, "failed", "visible")] * 4,
        ("It holds.", 0, 2.0, "failed", "after_published"),
    ]
    assert results["tests"][1]["output"].splitlines() == [
        "The values differ at [1]",
        "  expected  2",
        "  got       3",
    ]


def test_gradescope_tells_no_misconception_before_the_hidden_checks_it_was_told_from():
    hidden = make_result(name="b", hidden=True)
    for checks, visibility in (((), "visible"), ((hidden,), "after_published")):
        report = make_report(make_result(), *checks, misconception="You squared it.")
        results = read_gradescope(render_gradescope(report))
        assert "squared" not in results["output"]
        assert results["tests"][-1]["output"] == "You squared it."
        assert results["tests"][-1]["visibility"] == visibility


def test_gradescope_tells_what_stopped_the_whole_submission():
    report = make_report(verdict=Verdict.SYNTAX_ERROR, score=0, message="Line 1: bad.\n    x =")
    results = read_gradescope(render_gradescope(report))
    assert results["output"] == "Line 1: bad.\n    x =\nGraded with seed 17."
    assert results["score"] == 0


@pytest.mark.parametrize("verdict", [Verdict.PLATFORM_ERROR, Verdict.AUTHOR_ERROR, Verdict.SKIPPED])
def test_gradescope_is_given_no_score_that_is_not_the_learner_s(verdict):
    with pytest.raises(ValueError, match=verdict):
        render_gradescope(make_report(make_result(), verdict=verdict))


def test_gradescope_takes_any_text():
    text = render_gradescope(
        make_report(make_result(sentence=HOSTILE, output=HOSTILE), message=HOSTILE)
    )
    results = read_gradescope(text.encode("ascii").decode())
    assert "\x1b" not in results["output"] + results["tests"][0]["output"]


def read_csv(text):
    return list(csv.DictReader(io.StringIO(text)))


def test_csv_is_a_row_per_file_and_a_column_per_check():
    report = make_mixed()
    short = make_report(verdict=Verdict.SKIPPED, score=0, misconception="You squared it.")
    one, other = read_csv(render_csv([("a.py", report), ("b.py", short)]))
    assert one == {
        "file": "a.py",
        "verdict": "wrong",
        "score": "0.5",
        "earned": "2",
        "possible": "12",
        "check value": "accepted",
        "check off": "wrong",
        "check raises": "runtime_error",
        "check slow": "time_limit",
        "check later": "skipped",
        "check secret": "wrong",
        "misconception": "",
        "remarks": "",
        "seed": "17",
    }
    assert (other["check value"], other["misconception"]) == ("", "You squared it.")


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\uff1d", " =", "\t=", "\r@"])
def test_csv_makes_no_spreadsheet_compute_a_name(start):
    name = f'{start}HYPERLINK("http://x",1),"\n2'
    (row,) = read_csv(render_csv([(name, make_report())]))
    assert not row["file"].strip().startswith(("=", "+", "-", "@", "\uff1d"))
    assert "HYPERLINK" in row["file"]
    assert "\n" not in row["file"]


SECRET = "17.25-from-the-hidden-scenario"


@pytest.mark.parametrize(
    "render",
    [
        lambda report: render_text("a.py", report),
        lambda report: render_json([("a.py", report)]),
        lambda report: render_junit([("a.py", report)]),
        render_gradescope,
        lambda report: render_csv([("a.py", report)]),
    ],
    ids=["text", "json", "junit", "gradescope", "csv"],
)
def test_no_form_tells_what_a_hidden_check_saw(render):
    difference = Difference(kind="values", where=SECRET, expected=SECRET, got=SECRET, note=SECRET)
    told = {"difference": difference, "traceback": SECRET, "output": SECRET}
    shown = make_result(name="shown", verdict=Verdict.WRONG, **told)
    hidden = make_result(name="hidden", verdict=Verdict.WRONG, hidden=True, **told)
    assert SECRET not in render(make_report(make_result(), hidden))
    is_csv = render(make_report(shown)).startswith("file,")
    assert is_csv or SECRET in render(make_report(shown))
