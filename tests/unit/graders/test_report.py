"""The report as text and as JSON."""

from __future__ import annotations

import json

import click
import pytest

from graders.model import CheckResult, Difference, Report, Verdict
from graders.report import VERDICT_WORDS, render_json, render_table, render_text, say_difference


def make_result(**changes):
    values = {
        "name": "value",
        "sentence": "It is twice the number.",
        "points": 2.0,
        "verdict": Verdict.ACCEPTED,
    }
    return CheckResult(**{**values, **changes})


def make_report(*checks, **changes):
    values = {
        "exercise": "arithmetic/doubling",
        "exercise_hash": "abc",
        "verdict": Verdict.WRONG,
        "score": 0.5,
        "checks": checks,
        "seed": 17,
        "torch_version": "2.13.0",
        "level": "A",
    }
    return Report(**{**values, **changes})


def say(report):
    return click.unstyle(render_text("my.py", report))


def test_the_text_tells_verdict_points_sentences_and_how_to_repeat():
    report = make_report(
        make_result(),
        make_result(
            name="shape",
            verdict=Verdict.WRONG,
            difference=Difference(kind="shape", where="['w']", expected="(2,)", got="(1, 2)"),
        ),
        make_result(name="rest", verdict=Verdict.SKIPPED, message="Not made: shape did not pass."),
        misconception="You squared it.",
    )
    text = say(report)
    assert text.startswith("my.py: wrong, 2 of 6 points (arithmetic/doubling)\n")
    assert "  ✓ It is twice the number.\n      value, 2/2 points" in text
    assert "  ✗ It is twice" in text
    assert "      shape at ['w']: expected (2,), got (1, 2)\n" in text
    assert "Not made: shape did not pass." in text
    assert "This often means: You squared it." in text
    assert "seed 17 · cpu · torch 2.13.0 · level A" in text


def test_the_same_error_is_told_once():
    error = {
        "verdict": Verdict.RUNTIME_ERROR,
        "message": "ValueError: bad",
        "traceback": "line 3, in f\n    raise ValueError",
    }
    text = say(make_report(make_result(**error), make_result(name="other", **error)))
    assert text.count("ValueError: bad") == 1
    assert "the same error as in value" in text


def test_what_stopped_the_whole_submission_is_told_before_the_checks():
    text = say(make_report(verdict=Verdict.SYNTAX_ERROR, message="Line 1: bad.\n    x ="))
    assert "my.py: not valid Python (arithmetic/doubling)\n\n  Line 1: bad.\n      x =\n" in text


def test_output_is_shown_in_part():
    text = say(make_report(make_result(output="\n".join(map(str, range(1000))))))
    assert "it printed:" in text
    assert "999" not in text


def test_a_hidden_difference_names_its_kind_only():
    assert say_difference(Difference(kind="values")) == "The values differ."
    assert say_difference(Difference(kind="requires_grad")) == "The requires grad differs."


def test_json_holds_every_field_and_can_be_read_back():
    report = make_report(make_result(difference=Difference(kind="shape")))
    (entry,) = json.loads(render_json([("my.py", report)]))["reports"]
    assert entry.pop("file") == "my.py"
    assert Report.from_dict(entry) == report


@pytest.mark.parametrize("verdict", Verdict)
def test_every_verdict_has_its_words(verdict):
    assert VERDICT_WORDS[verdict] in say(make_report(verdict=verdict))


def test_the_table_has_one_line_per_file():
    reports = [("a.py", make_report()), ("b.py", make_report(verdict=Verdict.ACCEPTED, score=1.0))]
    lines = click.unstyle(render_table(reports)).splitlines()
    assert [line.split() for line in lines] == [
        ["wrong", "50.0%", "a.py"],
        ["accepted", "100.0%", "b.py"],
    ]
