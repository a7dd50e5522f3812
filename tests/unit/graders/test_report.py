"""The report as text, and what all forms have in common."""

from __future__ import annotations

import csv
import io
import json

import click
import pytest

from graders.model import CHECKS_LINE, CheckResult, Difference, Report, Verdict
from graders.report import (
    VERDICT_WORDS,
    render_csv,
    render_json,
    render_junit,
    render_table,
    render_text,
    say_difference,
)
from graders.source_checks import MAX_BYTES, check_source


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


def make_wrong(**changes):
    difference = Difference(kind="values", where="[0]", expected="1.25", got="-1", note="1 of 2")
    return make_result(**{"verdict": Verdict.WRONG, "difference": difference, **changes})


def make_skipped(name, message="Not made: value did not pass."):
    return make_result(name=name, verdict=Verdict.SKIPPED, message=message)


def say(report, **settings):
    return click.unstyle(render_text("my.py", report, **settings))


def test_the_text_tells_verdict_points_sentences_and_how_to_repeat():
    report = make_report(
        make_result(wall_s=0.0123),
        make_wrong(name="half", points=0.5),
        make_skipped("rest"),
        misconception="You squared it.",
        wall_s=1.25,
    )
    assert say(report).splitlines() == [
        "my.py: wrong, 2 of 4.5 points (arithmetic/doubling)",
        "",
        "  ✓   2/2  It is twice the number. (value, 12 ms)",
        "  ✗ 0/0.5  It is twice the number. (half, 0 ms)",
        "             The values differ at [0]: 1 of 2",
        "               expected  1.25",
        "               got       -1",
        "  -   0/2  It is twice the number. (rest, not made: value did not pass)",
        "",
        "  This often means: You squared it.",
        "",
        "  seed 17 · cpu · torch 2.13.0 · level A · 1.2 s",
    ]


def test_colour_tells_what_was_expected_from_what_came():
    styled = render_text("my.py", make_report(make_wrong()))
    assert click.style("expected  1.25", fg="green") in styled
    assert click.style("got       -1", fg="red") in styled
    assert click.style("✗", fg="red") in styled


def test_long_values_are_cut_to_where_they_part_and_the_place_is_marked():
    expected, got = "0123456789" * 11 + "abc", "0123456789" * 11 + "abX"
    difference = Difference(kind="values", expected=expected, got=got)
    lines = say(make_report(make_wrong(difference=difference)), width=60).splitlines()
    shown = [line.removeprefix(" " * 13) for line in lines[4:7]]
    assert shown == [
        "expected  …67890123456789" + "ab" + "c",
        "got       …67890123456789" + "ab" + "X",
        " " * 10 + " " * 17 + "^",
    ]
    assert max(map(len, lines)) <= 60


def test_a_value_that_goes_on_where_the_other_ends_is_marked_there():
    difference = Difference(kind="values", expected="abcdefgh", got="abcdefghij")
    text = say(make_report(make_wrong(difference=difference)))
    assert text.splitlines()[6] == " " * 23 + " " * 8 + "^"


def test_long_values_that_have_nothing_in_common_are_wrapped_below_themselves():
    difference = Difference(kind="structure", expected="a dict", got="one word " * 12)
    lines = say(make_report(make_wrong(difference=difference)), width=60).splitlines()
    assert lines[4] == " " * 13 + "expected  a dict"
    assert lines[5].startswith(" " * 13 + "got       one word one word")
    assert lines[6].startswith(" " * 23 + "one word") or lines[6].startswith(" " * 23 + "word")
    assert " ".join(" ".join(lines[5:-2]).split()) == ("got " + "one word " * 12).strip()
    assert max(map(len, lines)) <= 60


def test_short_values_need_no_mark():
    assert "^" not in say(make_report(make_wrong()))


@pytest.mark.parametrize("width", [1, 60, 80, 100])
def test_sentences_are_wrapped_below_themselves(width):
    report = make_report(make_result(sentence="word " * 40 + "end."))
    lines = say(report, width=width).splitlines()[2:-2]
    assert len(lines) > 2
    assert max(map(len, lines)) <= max(width, 40)
    assert all(line.startswith(" " * 9) and line[9] != " " for line in lines[1:])
    assert " ".join(" ".join(lines).split()) == f"✓ 2/2 {'word ' * 40}end. (value, 0 ms)"


def test_the_same_error_and_the_same_output_are_told_once():
    error = {
        "verdict": Verdict.RUNTIME_ERROR,
        "message": "ValueError: bad",
        "traceback": "line 3, in f\n    raise ValueError\ncalled from line 9\n    f()",
        "output": "one\ntwo",
    }
    text = say(make_report(make_result(**error), make_result(name="other", **error)))
    assert text.count("ValueError: bad") == 1
    assert text.count("raise ValueError") == 1
    assert "the same error as in value" in text
    assert "it printed the same as in value" in text


def test_one_error_that_no_own_line_raised_is_told_once_whatever_the_checks_lines_are():
    error = {"verdict": Verdict.RUNTIME_ERROR, "message": "TypeError: no"}
    one = make_result(**error, traceback=f"{CHECKS_LINE}solution.f(1)")
    two = make_result(**error, name="two", traceback=f"{CHECKS_LINE}solution.f(2)")
    own = make_result(**error, name="own", traceback="line 3\n    f(2)")
    text = say(make_report(one, two, own))
    assert text.count("TypeError: no") == 2
    assert text.count("the same error as in value") == 1
    assert "solution.f(2)" not in text


def test_a_check_alone_is_no_whole_grade():
    report = make_report(make_result(), verdict=Verdict.ACCEPTED, score=1.0)
    told = say(report, only_check="value").splitlines()[0]
    assert told == "my.py: accepted, 2 of 2 points by the check value alone (arithmetic/doubling)"
    table = render_table([("a.py", report)], only_check="value")
    assert table.endswith("mean score 100.0%, by the check value alone")


@pytest.mark.parametrize("verdict", [Verdict.AUTHOR_ERROR, Verdict.PLATFORM_ERROR])
def test_for_somebody_else_s_fault_there_is_neither_a_score_nor_a_cross(verdict):
    report = make_report(make_result(), make_result(name="b", verdict=verdict), verdict=verdict)
    text = say(report)
    assert "points" not in text
    assert "✗" not in text
    assert "  ! –/2  It is twice" in text  # noqa: RUF001 - a dash
    (row, *_) = click.unstyle(render_table([("a.py", report)])).splitlines()
    assert row.split()[-2:] == ["-", "a.py"]
    rows = list(csv.DictReader(io.StringIO(render_csv([("a.py", report)]))))
    assert (rows[0]["score"], rows[0]["earned"], rows[0]["possible"]) == ("", "", "4")


def test_remarks_are_counted_in_the_table_and_told_in_the_csv():
    report = make_report(make_result(), information=("Line 2 gets at sum.", "=1"))
    assert click.unstyle(render_table([("a.py", report)])).splitlines()[0].endswith("(2 remarks)")
    (row,) = csv.DictReader(io.StringIO(render_csv([("a.py", report)])))
    assert row["remarks"] == "Line 2 gets at sum. =1"
    assert "remark" not in render_table([("a.py", make_report())])


def test_a_file_that_is_too_long_is_called_so():
    finding = check_source(b"#" * (MAX_BYTES + 1), entry=("f",))
    long = make_report(verdict=finding.verdict, message=finding.message)
    assert say(long).startswith("my.py: too long (")
    assert "too long" in render_table([("a.py", long)])
    used = check_source(b"import os\ndef f(): ...", entry=("f",), forbid=("os",))
    assert "not allowed" in say(make_report(verdict=used.verdict, message=used.message))


def test_frames_stand_last_line_first_with_their_code_below():
    text = say(
        make_report(
            make_result(
                verdict=Verdict.RUNTIME_ERROR,
                message="ValueError: bad",
                traceback="line 3, in f\n    raise ValueError\ncalled from line 9\n    f()",
            )
        )
    )
    start = text.index("ValueError: bad")
    assert [line.strip() for line in text[start:].splitlines()[:5]] == [
        "ValueError: bad",
        "line 3, in f",
        "raise ValueError",
        "called from line 9",
        "f()",
    ]


def test_a_recursion_is_told_once():
    frames = "\ncalled from ".join(["line 2, in f\n    f()"] * 7 + ["line 9\n    f()"])
    result = make_result(verdict=Verdict.RUNTIME_ERROR, message="No.", traceback=frames)
    text = say(make_report(result))
    start = text.index("No.")
    assert [line.strip() for line in text[start:].splitlines()[:7]] == [
        "No.",
        "line 2, in f",
        "f()",
        "and again and again from the same line",
        "called from line 9",
        "f()",
        "",
    ]


def test_what_stopped_the_whole_submission_is_told_and_no_check_is_listed():
    skipped = [make_skipped(name) for name in ("one", "two")]
    report = make_report(*skipped, verdict=Verdict.SYNTAX_ERROR, message="Line 1: bad.\n    x =")
    lines = say(report).splitlines()
    assert lines[:7] == [
        "my.py: not valid Python, 0 of 4 points (arithmetic/doubling)",
        "",
        "  Line 1: bad.",
        "      x =",
        "",
        "  - None of 2 checks was made.",
        "",
    ]


def test_many_checks_that_were_not_made_for_one_reason_are_one_line():
    skipped = [make_skipped(f"check{number}", "Not made: stopped.") for number in range(30)]
    text = say(make_report(make_wrong(), *skipped))
    assert "  - 30 checks were not made: stopped.\n      (check0, check1," in text
    assert len(text.splitlines()) < 15


def test_thirty_passed_checks_are_thirty_lines():
    checks = [make_result(name=f"check{number}") for number in range(30)]
    assert len(say(make_report(*checks)).splitlines()) == 30 + 4


def test_output_is_shown_in_part():
    text = say(make_report(make_result(output="\n".join(map(str, range(1000))))))
    assert "it printed:" in text
    assert "… and 990 more lines" in text
    assert "999" not in text


HOSTILE = "\x1b[2J\u202eevil\r\b\x00\ud800]]>"
HUGE = "x" * 100_000


@pytest.mark.parametrize("text", [HOSTILE, HUGE])
def test_nothing_that_a_submission_says_steers_the_terminal_or_floods_it(text):
    difference = Difference(kind=text, where=text, expected=text, got=text, note=text)
    checks = [
        make_wrong(name=text, sentence=text, difference=difference),
        make_result(name="b", verdict=Verdict.RUNTIME_ERROR, message=text, traceback=text),
        make_result(name="c", output=text),
    ]
    report = make_report(*checks, message=text, misconception=text, information=(text,))
    plain = click.unstyle(render_text(text, report)) + click.unstyle(render_table([(text, report)]))
    assert all(char.isprintable() or char == "\n" for char in plain)
    lines = render_text("a.py", make_report(make_result(output=text))).splitlines()
    assert max(map(len, lines)) < 200


def test_a_difference_is_one_sentence():
    assert say_difference(Difference(kind="values")) == "The values differ."
    assert say_difference(Difference(kind="requires_grad")) == "requires_grad differs."
    difference = Difference(kind="shape", where="['w']", expected="(2,)", got="(1, 2)", note="so")
    told = "The shape differs at ['w']: expected (2,), got (1, 2) (so)"
    assert say_difference(difference) == told
    assert say_difference(Difference(kind="judged", note="It does not fit.")) == "It does not fit."


def test_json_holds_every_field_and_can_be_read_back():
    report = make_report(make_wrong(), make_result())
    (entry,) = json.loads(render_json([("my.py", report)]))["reports"]
    assert entry.pop("file") == "my.py"
    assert Report.from_dict(entry) == report


def test_json_is_text_that_can_be_written_whatever_it_holds():
    text = render_json([(HOSTILE, make_report(make_result(output=HOSTILE)))])
    (entry,) = json.loads(text.encode("utf-8"))["reports"]
    assert entry["checks"][0]["output"] == HOSTILE


def test_how_long_a_hidden_check_took_is_not_told_even_of_a_report_that_knows_it():
    hidden = make_result(name="secret", hidden=True, wall_s=0.0123)
    report = make_report(make_result(wall_s=0.5), hidden)
    text = say(report)
    assert "(value, 500 ms)" in text
    assert "(secret, hidden)" in text
    assert '"wall_s": 0.0123' not in render_json([("a.py", report)])
    assert "0.012" not in render_junit([("a.py", report)])


def test_reports_stored_before_a_field_was_added_can_be_read():
    stored = make_report(make_result()).to_dict()
    del stored["cpu_s"], stored["checks"][0]["wall_s"]
    assert Report.from_dict(stored) == make_report(make_result())


@pytest.mark.parametrize("verdict", Verdict)
def test_every_verdict_has_its_words(verdict):
    assert VERDICT_WORDS[verdict] in say(make_report(verdict=verdict))


def test_the_table_has_one_line_per_file_and_a_sum():
    reports = [
        ("a.py", make_report()),
        ("b.py", make_report(verdict=Verdict.ACCEPTED, score=1.0)),
        ("c.py", make_report(verdict=Verdict.AUTHOR_ERROR, score=0.0)),
    ]
    lines = click.unstyle(render_table(reports)).splitlines()
    assert [line.split() for line in lines[:2]] == [
        ["wrong", "50.0%", "a.py"],
        ["accepted", "100.0%", "b.py"],
    ]
    assert lines[-1].strip() == "1 of 3 accepted, mean score 75.0%, 1 not graded"


def test_a_table_of_nothing_is_empty():
    assert render_table([]) == ""
