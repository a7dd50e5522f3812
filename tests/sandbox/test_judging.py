"""Checks that name a judge, graded in the jail: right, wrong, hostile, and a judge that fails."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from graders.errors import SandboxError
from graders.facade import Verdict, load_exercise

EXERCISE = """\
---
format: 1
id: judged
title: Judged
lesson: lesson
entry: [classify, answer]
limits: {wall_s: 4}
---

Classify, and answer.
"""
REFERENCE = """\
import torch
SECRET = "the-reference-knows-this"
def classify(x):
    return (x.sum(1) > 0).long()
def answer(kind):
    return {"kind": kind, "values": [1.0]}
"""
CHECKS = '''\
import torch
from graders import check, judges


def fits(expected, got):
    if got["kind"] == "raise":
        raise ValueError(expected, got)
    if got["kind"] == "memory":
        "x" * 10**12
    if got["kind"] == "die":
        import os
        os._exit(7)
    if got["kind"] == "print":
        print("x" * 10**6)
    if got["kind"] == "loop":
        while True:
            pass
    if got["kind"] == "odd":
        return True
    if sum(got["values"]) != sum(expected["values"]):
        return f"the values add up to {sum(got['values'])}, not {expected['values'][0]}"


@check(judge=judges.accuracy_at_least(0.9))
def accuracy(solution, draw):
    """Nine of ten are right."""
    x = draw.tensor(40, 3)
    return {"predictions": solution.classify(x), "labels": (x.sum(1) > 0).long()}


@check(judge=fits, structural=True, limits={"wall_s": 0.5})
def sums(solution, draw):
    """The values add up."""
    return solution.answer("sum")


@check(judge=fits, structural=True, hidden=True)
def hidden_sums(solution, draw):
    """They always do."""
    return solution.answer("hidden")
'''
RIGHT = REFERENCE.replace("[1.0]", "[0.25, 0.75]").replace("SECRET", "x")


@pytest.fixture(scope="module")
def exercise(tmp_path_factory):
    folder = tmp_path_factory.mktemp("content") / "lesson" / "judged"
    (folder / "submissions" / "wrong").mkdir(parents=True)
    (folder / "exercise.md").write_text(EXERCISE)
    (folder / "reference.py").write_text(REFERENCE)
    (folder / "starter.py").write_text("")
    (folder / "checks.py").write_text(CHECKS)
    return load_exercise(folder)


def grade(grader, exercise, source):
    """Return the report and the results by name; an honest grading follows, as always."""
    report = grader.grade(exercise, source.encode())
    after = grader.grade(exercise, RIGHT.encode())
    assert after.verdict is Verdict.ACCEPTED, after
    return report, {result.name: result for result in report.checks}


def answering(values, kind="kind"):
    """Return a submission whose `answer` gives these."""
    before = RIGHT.partition("def answer")[0]
    return f'{before}def answer(kind):\n    return {{"kind": {kind}, "values": {values}}}\n'


def test_what_differs_and_will_do_passes(grader, exercise):
    report, _ = grade(grader, exercise, RIGHT)
    assert (report.verdict, report.score) == (Verdict.ACCEPTED, 1.0)


def test_a_judge_of_one_s_own_says_why_not_but_nothing_of_a_hidden_check(grader, exercise):
    report, results = grade(grader, exercise, answering("[3.0]"))
    assert report.verdict is Verdict.WRONG
    assert results["sums"].difference.kind == "judged"
    assert results["sums"].difference.note == "the values add up to 3.0, not 1.0"
    hidden = results["hidden_sums"].difference
    assert (hidden.kind, hidden.where, hidden.expected, hidden.got, hidden.note) == (
        "judged",
        *("",) * 4,
    )


def test_labels_of_the_submission_s_own_are_worth_nothing(grader, exercise):
    source = RIGHT.replace("return (x.sum(1) > 0).long()", FORGED_LABELS)
    report, results = grade(grader, exercise, source)
    assert results["accuracy"].verdict is not Verdict.ACCEPTED
    assert report.score < 1.0


# The labels that the scenario is about to work out are all made equal to the predictions.
FORGED_LABELS = """
    torch.Tensor.sum = lambda self, *_: torch.ones(len(self))
    return torch.ones(len(x), dtype=torch.long)
"""


ENDS = {
    "raise": "failed",
    "die": "failed",
    "loop": "took too long",
    "memory": "needed too much memory",
    "print": "printed too much",
    "odd": "gave no answer",
}


@pytest.mark.parametrize("kind", ENDS)
def test_what_a_judge_fails_on_is_a_try_where_it_can_judge_the_reference(
    grader, exercise, kind, caplog
):
    """Else whoever makes it fail could try for ever; `grade` shows that it judges others still."""
    report, results = grade(grader, exercise, answering("['mine']", repr(kind)))
    assert report.verdict is Verdict.WRONG
    assert report.verdict.counts_as_try
    assert report.score == pytest.approx(1 / 3)
    difference = results["sums"].difference
    assert (difference.kind, difference.expected, difference.got) == ("judged", "", "")
    assert difference.note == (
        f"what was returned could not be judged: the check's judge {ENDS[kind]} on it"
    )
    assert results["hidden_sums"].verdict is Verdict.WRONG
    assert results["hidden_sums"].difference.note == ""
    require_no_secret(report, caplog)
    assert "lesson/judged, check sums: its judge" in caplog.text


def test_a_worker_that_a_judge_ended_is_replaced(grader, exercise):
    seats = grader._references._seats
    assert grader.grade(exercise, RIGHT.encode()).verdict is Verdict.ACCEPTED
    before = seats[exercise.hash].worker
    grade(grader, exercise, answering("[3.0]", "'die'"))
    after = seats[exercise.hash].worker
    assert before.is_closed
    assert after.is_alive()


BROKEN = {
    "raises": "raise ValueError(expected, got)",
    "returns no sentence": "return True",
    "never ends": "while True: pass",
    "ends its worker": "import os; os._exit(7)",
    "rejects the reference": "return 'no' if got['kind'] == 'sum' else 1",
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_judge_that_cannot_judge_the_reference_either_is_the_author_s_fault_and_gives_no_point(
    grader, exercise, name, caplog
):
    source = f"def fits(expected, got):\n    {BROKEN[name]}\n"
    checks = tuple(
        replace(spec, judge=replace(spec.judge, source=source)) if spec.name == "sums" else spec
        for spec in exercise.checks
    )
    broken = replace(exercise, checks=checks, hash=name)
    report = grader.grade(broken, answering("['mine']", "'odd'").encode())
    results = {result.name: result for result in report.checks}
    assert report.verdict is Verdict.AUTHOR_ERROR
    assert not report.verdict.counts_as_try
    assert results["sums"].verdict is Verdict.AUTHOR_ERROR
    assert "the author's fault" in results["sums"].message
    assert report.score == pytest.approx(1 / 3)
    require_no_secret(report, caplog)


def require_no_secret(report, caplog):
    """Neither observation is quoted where somebody reads it."""
    for told in (json.dumps(report.to_dict()), caplog.text):
        assert "knows-this" not in told
        assert "'values': [1.0]" not in told
        assert "mine" not in told


@pytest.mark.parametrize(
    "body",
    [
        "return [1.0]",
        "return {'kind': kind}",
        "return {'kind': kind, 'values': object()}",
        "return {'kind': kind, 'values': [[]] * 60000}",
        "return {'kind': kind, 'values': torch.zeros(8 << 20)}",
    ],
)
def test_what_a_judge_need_not_be_asked_about_is_wrong_at_once(grader, exercise, body):
    source = f"import torch\n{RIGHT.partition('def answer')[0]}def answer(kind):\n    {body}\n"
    report, results = grade(grader, exercise, source)
    assert report.verdict is Verdict.WRONG
    assert results["sums"].difference.kind == "structure"


def test_no_judge_is_in_the_submission_s_jail(grader, exercise):
    source = RIGHT + LOOK
    report, _ = grade(grader, exercise, source)
    assert report.verdict is Verdict.ACCEPTED, report


LOOK = """
def answer(kind):
    import gc, linecache, sys
    texts = [str(one) for entry in linecache.cache.values() for one in entry]
    texts += [one for one in gc.get_objects() if isinstance(one, str)]
    names = [name for module in list(sys.modules.values()) for name in vars(module)]
    marks = ["add up " + "to", "accuracy_at_" + "least(0.9"]
    if "fi" + "ts" in names or any(mark in text for text in texts for mark in marks):
        raise LookupError
    return {"kind": kind, "values": [1.0]}
"""


def test_a_check_has_its_own_time(grader, exercise):
    source = answering("__import__('time').sleep(0.8) or [1.0]")
    report, results = grade(grader, exercise, source)
    assert results["sums"].verdict is Verdict.TIME_LIMIT
    assert results["sums"].message == "Stopped after 0.5 s."
    assert report.verdict is Verdict.TIME_LIMIT


def test_a_judge_that_cannot_be_asked_is_our_fault(grader, exercise, monkeypatch):
    def judge(*_):
        raise SandboxError("bwrap: somewhere on this machine")

    monkeypatch.setattr(grader._references, "judge", judge)
    report = grader.grade(exercise, RIGHT.encode())
    assert report.verdict is Verdict.PLATFORM_ERROR
    assert Path("somewhere").name not in json.dumps(report.to_dict())
