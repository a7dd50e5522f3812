"""What a submission is told of forbidden calls that its source does not show."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from graders.facade import Verdict, load_exercise

EXERCISE = Path(__file__).resolve().parents[2] / "exercises/regularization/sum-of-params"
PLAIN = "def l2_penalty(model):\n    return sum(p.pow(2).sum() for p in model.parameters())\n"
SNEAKY = """\
import torch

def l2_penalty(model):
    square = getattr(torch, 'squ' + 'are')
    return sum(square(p).sum() for p in model.parameters())
"""


@pytest.fixture(scope="module")
def exercise():
    loaded = load_exercise(EXERCISE)
    return replace(loaded, forbid=("torch.square", "torch.sum"), hash="with-forbidden-names")


def test_a_forbidden_call_is_told_and_changes_no_point(grader, exercise):
    report = grader.grade(exercise, SNEAKY.encode())
    assert (report.verdict, report.score) == (Verdict.ACCEPTED, 1.0)
    (remark,) = report.information
    assert remark.startswith("Line 5 gets at torch.square in another way")


def test_what_the_source_shows_is_told_once(grader, exercise):
    source = SNEAKY.replace("'squ' + 'are'", "'square'")
    (remark,) = grader.grade(exercise, source.encode()).information
    assert remark.startswith("Line 4 gets at torch.square")


@pytest.mark.parametrize("source", [PLAIN, f"import sys\nsys.setprofile(None)\n{PLAIN}"])
def test_nothing_is_told_where_nothing_is_seen(grader, exercise, source):
    report = grader.grade(exercise, source.encode())
    assert (report.verdict, report.information) == (Verdict.ACCEPTED, ())


def test_a_watch_that_is_switched_off_breaks_nothing(grader, exercise):
    report = grader.grade(exercise, f"import sys\nsys.setprofile(None)\n{SNEAKY}".encode())
    assert (report.verdict, report.score) == (Verdict.ACCEPTED, 1.0)


FORGED = """
import time
from graders import worker
worker._ACTIONS["remarks"] = lambda *_: REPLY
"""


@pytest.mark.parametrize(
    "reply",
    [
        "[[10**6, 'torch.square'], [0, 'torch.sum'], [1, 'buy this']]",
        "[[True, 'torch.square'], [2.5, 'torch.sum']]",
        "[1, 'torch.square', [], [1], [1, 2], [1, 'torch.square', 3]] * 100",
        "'torch.square'",
        "{'line': 3}",
        "None",
        "exit(0)",
        "time.sleep(60)",
        "[[0] * 10**4] * 10**4",
    ],
)
def test_a_forged_remark_is_one_of_ours_or_none(grader, exercise, reply):
    source = PLAIN + FORGED.replace("REPLY", reply)
    report = grader.grade(exercise, source.encode())
    assert report.information == ()
    visible = [result for result in report.checks if not result.hidden]
    assert {result.verdict for result in visible} == {Verdict.ACCEPTED}


def test_no_hidden_check_is_watched(grader, exercise):
    hidden = replace(exercise.checks[0], hidden=True)
    source = "\n" * (hidden.line - 1) + (
        "def value(solution, draw):\n    return observe.number(solution.l2_penalty(nn.Linear(1, 1)))\n"
    )
    secret = replace(exercise, checks=(replace(hidden, source=source),), hash="one-hidden-check")
    report = grader.grade(secret, SNEAKY.encode())
    assert (report.verdict, report.information) == (Verdict.ACCEPTED, ())


def test_where_nothing_is_forbidden_nothing_is_watched(grader, exercise):
    source = f"import sys\n{PLAIN}".replace("return", "assert sys.getprofile() is None; return")
    free = replace(exercise, forbid=(), hash="nothing-forbidden")
    assert grader.grade(free, source.encode()).verdict is Verdict.ACCEPTED
    assert grader.grade(exercise, source.encode()).verdict is Verdict.RUNTIME_ERROR
