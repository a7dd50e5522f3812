"""The words of verdicts, on what the grader really says; what is folded; what is cut."""

from __future__ import annotations

import pytest

from graders.judge import KINDS, compare
from graders.model import CHECKS_LINE
from graders.pool import WorkerDied
from graders.runner.calls import _explain_death, _read_error
from graders.source_checks import MAX_BYTES, check_source, say_no_function
from quizzer.services.submitting import Difference, Verdict
from quizzer.web.reports import show_run
from quizzer.web.verdicts import (
    LONGEST_LINE,
    MOST_LINES,
    say_difference,
    say_headline,
    say_value,
    shorten,
)
from tests.web.test_reports import EXERCISE, make_check, make_report, make_view

FAILED = Verdict.RUNTIME_ERROR


def show(*checks, verdict: Verdict = Verdict.WRONG, **fields):
    return show_run(EXERCISE, make_view(report=make_report(*checks, verdict=verdict, **fields)))


def say(verdict: Verdict, message: str, entry: tuple[str, ...] = ("f",)) -> str:
    return say_headline(make_report(verdict=verdict, message=message), entry)


@pytest.mark.parametrize(
    ("source", "entry", "headline"),
    [
        (b"", ("f",), "✗ There is no code to grade."),
        (b"# only words\n", ("f",), "✗ There is no code to grade."),
        (b"x = 1\n", ("f",), "✗ f is missing."),
        (b"x = 1\n", ("f", "g"), "✗ A function or class is missing."),
        (b"x = '\xff'\n", ("f",), "✗ The file is not text that we can read."),
        (b"def f(:\n", ("f",), "✗ This is not valid Python."),
        (b"#" * (MAX_BYTES + 1), ("f",), "✗ The file is too long."),
    ],
)
def test_what_is_wrong_with_a_file_is_its_headline(source, entry, headline):
    finding = check_source(source, entry=entry)
    assert say(finding.verdict, finding.message, entry) == headline


def test_code_that_is_forbidden_is_not_called_too_long():
    finding = check_source(b"import os\ndef f():\n    os.getcwd()\n", entry=("f",), forbid=("os",))
    assert say(finding.verdict, finding.message) == "✗ Your code uses what this exercise forbids."


@pytest.mark.parametrize("status", [0, 3, -11])
def test_code_that_ends_its_process_raised_nothing(status):
    failure = _explain_death(WorkerDied("exit", status), EXERCISE.limits)
    check = make_check("small", failure.verdict, message=failure.message)
    run = show(check, verdict=failure.verdict)
    assert "Your code ended before it answered" in run.headline
    assert run.checks[0].state == "your code ended before it answered"


def test_code_that_asks_to_exit_is_told_so():
    error = {"type": "SystemExit", "message": "", "frames": [], "kind": "exit"}
    failure = _read_error(error)
    assert say(failure.verdict, failure.message) == "✗ Your code asked Python to exit."


def test_what_cannot_be_called_is_the_headline():
    assert say(Verdict.WRONG, say_no_function("f", "int")) == "✗ f cannot be called."


def test_one_error_of_a_call_is_one_whatever_the_checks_lines_are():
    lines = [f"{CHECKS_LINE}solution.f({number})" for number in range(2)]
    checks = [
        make_check(line[-2:], FAILED, message="TypeError: no", traceback=line) for line in lines
    ]
    (group,) = show(*checks, verdict=FAILED).groups
    assert (len(group.shown), len(group.folded)) == (1, 1)


def test_an_exception_is_called_one():
    assert say(FAILED, "TypeError: no") == "✗ Your code raised an exception."


def test_the_kind_of_a_value_is_told_without_quotes():
    difference = compare(1.5, "str (no tensor)")
    assert difference is not None
    assert say_value(difference.got) == "a str"
    assert say_value("'str (no tensor)'") == "str, which is no tensor"  # of a report from before
    assert say_value("'float32 tensor of shape (1,) on cpu, with a graph'").startswith("float32")
    assert say_value("'a str'") == "'a str'"


@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_of_difference_is_put_into_words(kind):
    assert say_difference(Difference(kind=kind)) != kind


@pytest.mark.parametrize("text", ["x" * 5000, "\n".join(["x" * 300] * 50), "x\n" * 100])
def test_a_long_message_is_cut(text):
    lines = shorten(text).splitlines()
    assert len(lines) <= MOST_LINES
    assert max(map(len, lines)) <= LONGEST_LINE
    assert "…" in lines[-1]


def test_a_short_message_stays_as_it_is():
    assert shorten("Line 1: no.\n    x = (") == "Line 1: no.\n    x = ("


def test_equal_failures_are_one_and_the_rest_is_one_line_each():
    raised = {"message": "TypeError: no", "traceback": "line 1"}
    run = show(
        make_check("passed-1"),
        make_check("raised-1", FAILED, **raised),
        make_check("passed-2"),
        make_check("raised-2", FAILED, **raised),
        make_check("other", FAILED, message="ValueError: no"),
        make_check("raised-3", FAILED, **raised),
        make_check("skipped-1", Verdict.SKIPPED),
        make_check("skipped-2", Verdict.SKIPPED),
        verdict=FAILED,
    )
    assert [
        ([one.name for one in group.shown], [one.name for one in group.folded], group.summary)
        for group in run.groups
    ] == [
        (["raised-1"], ["raised-2", "raised-3"], "and 2 more: your code raised an exception"),
        (["other"], [], ""),
        ([], ["skipped-1", "skipped-2"], "2 checks not run"),
        ([], ["passed-1", "passed-2"], "2 checks passed"),
    ]


def test_other_values_are_never_folded():
    difference = Difference(kind="values", expected="1", got="2")
    checks = [make_check(name, Verdict.WRONG, difference=difference) for name in "abc"]
    assert [len(group.shown) for group in show(*checks).groups] == [1, 1, 1]


def test_what_has_all_passed_is_listed():
    run = show(make_check("a"), make_check("b"), verdict=Verdict.ACCEPTED)
    assert [one.name for group in run.groups for one in group.shown] == ["a", "b"]


def test_a_file_that_was_not_run_has_one_line_of_checks():
    names = [check.name for check in EXERCISE.checks]
    run = show(*(make_check(name, Verdict.SKIPPED) for name in names), message="The file is empty.")
    assert [group.summary for group in run.groups] == ["3 checks not run"]
