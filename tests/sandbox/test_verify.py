"""`graders verify` on an exercise that is sound, and on copies that are not."""

from __future__ import annotations

import contextlib
import json
from types import SimpleNamespace

import pytest
from click.testing import CliRunner

from graders import cli
from graders.cli import opening
from graders.facade import Grader, load_exercise
from graders.runner import References
from graders.verify import Fate
from graders.verify.survivors import survey_mutants

EXERCISE = """---
format: 1
id: energy
title: Energy
lesson: tensors
entry: [energy]
misconceptions:
  not-squared: Square it.
  detached: Keep the graph.
---

Return the mean square of a tensor, and leave the tensor as it was.
"""
REFERENCE = "def energy(x):\n    return x.pow(2).mean()\n"
STARTER = "def energy(x):\n    return x.mean()\n"
VALUE = '''from graders import check, observe


@check
def value(solution, draw):
    """It is the mean of the squares."""
    return observe.number(solution.energy(draw.tensor(draw.integer(2, 9), 3)))
'''
GRADIENT = '''

@check
def gradient(solution, draw):
    """Gradients flow back."""
    x = draw.tensor(4, requires_grad=True)
    result = solution.energy(x)
    return [observe.gradient(result, x), observe.form(result)]
'''
UNCHANGED = '''

@check(after=value)
def unchanged(solution, draw):
    """The tensor is as it was."""
    x = draw.tensor(4)
    return observe.inputs_after(lambda: solution.energy(x), x=x)
'''
WRONG = {
    "wrong/no_square": ("value, gradient; misconception: not-squared", "x.mean()"),
    "wrong/detached": ("gradient; misconception: detached", "x.detach().pow(2).mean()"),
    "runtime_error/in_place": ("gradient, unchanged", "x.pow_(2).mean()"),
}


@pytest.fixture
def build(tmp_path):
    """How to write the exercise to a folder, with these checks."""

    def write(*checks, reference=REFERENCE):
        folder = tmp_path / "tensors" / "energy"
        for verdict in ("wrong", "runtime_error"):
            (folder / "submissions" / verdict).mkdir(parents=True)
        for name, text in (
            ("exercise.md", EXERCISE),
            ("reference.py", reference),
            ("starter.py", STARTER),
            ("checks.py", "".join(checks)),
        ):
            (folder / name).write_text(text)
        for name, (caught_by, result) in WRONG.items():
            text = f"# caught by: {caught_by}\ndef energy(x):\n    return {result}\n"
            (folder / "submissions" / f"{name}.py").write_text(text)
        return folder

    return write


@pytest.fixture
def proving_grader(grader):
    """A grader as the command starts it, over the pool that all tests share."""
    made = Grader.__new__(Grader)
    made._pool = grader._pool
    with contextlib.closing(References(grader._pool, is_proving=True)) as made._references:
        yield made


@pytest.fixture
def run(proving_grader, monkeypatch):
    """How to run the command in this process, with the sandbox that all tests share."""
    monkeypatch.setattr(
        opening, "start_grader", lambda *_, **__: contextlib.nullcontext(proving_grader)
    )

    def verify(*arguments):
        done = CliRunner().invoke(cli.main, ["verify", *map(str, arguments), "--seeds", "4"])
        assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
        return SimpleNamespace(returncode=done.exit_code, stdout=done.stdout)

    return verify


def test_a_sound_exercise_leaves_no_survivor(build, run):
    folder = build(VALUE, GRADIENT, UNCHANGED)
    result = run(folder)
    assert result.returncode == 0, result.stdout
    assert "9 made, 9 caught, 0 explained" in result.stdout
    assert "proven by 4 submissions and 9 mutants" in result.stdout
    assert "detached: gradient (wrong)" in result.stdout


def test_without_a_check_the_mutants_that_it_caught_survive_with_their_diff(build, run):
    folder = build(VALUE, UNCHANGED)
    (folder / "submissions/wrong/detached.py").unlink()
    (folder / "submissions/runtime_error/in_place.py").rename(
        folder / "submissions/wrong/in_place.py"
    )
    for path in (folder / "submissions/wrong").glob("*.py"):
        path.write_text(path.read_text().replace(", gradient", "").replace("gradient, ", ""))
    result = run(folder)
    assert result.returncode == 1
    assert "detach:2: survived\n" in result.stdout
    assert "-    return x.pow(2).mean()\n  +    return x.pow(2).mean().detach()" in result.stdout
    assert "reference.py:2: no check catches the mutant detach:2" in result.stdout
    assert "no submission stands for the misconception detached" in result.stdout
    assert "mutants" not in run(folder, "--no-mutants").stdout


def test_an_explained_survivor_is_no_problem_and_a_stale_entry_is_one(build, run):
    folder = build(VALUE, GRADIENT, UNCHANGED, reference=REFERENCE.replace(".pow", ".clone().pow"))
    entry = "- line: {}\n  mutant: {}\n  reason: A copy is as good.\n"
    line = "return x.clone().pow(2).mean()"
    (folder / "mutants.yaml").write_text(
        entry.format(line, "return x.pow(2).mean()") + entry.format(line, "return x.mean()")
    )
    (outcome,) = json.loads(run(folder, "--format", "json").stdout)["exercises"]
    explained = [trial for trial in outcome["survey"]["trials"] if trial["reason"]]
    assert [trial["mutant"]["after"] for trial in explained] == ["return x.pow(2).mean()"]
    assert outcome["survey"]["counts"]["explained"] == 1
    stale = [problem for problem in outcome["problems"] if problem.startswith("mutants.yaml")]
    assert stale == [
        "mutants.yaml:4: `return x.mean()`: there is no such mutant; correct or remove it"
    ]


JUDGE = """

def fits(expected, got):
    return None if 1 / (expected - expected) else "no"
"""


def test_a_judge_that_fails_is_told_once_with_its_line_and_nothing_is_logged(build, run, caplog):
    value = VALUE.replace("@check", "@check(judge=fits)") + JUDGE
    folder = build(value, GRADIENT, UNCHANGED)
    result = run(folder)
    line = value.splitlines().index(JUDGE.strip().splitlines()[1]) + 1
    told = f"checks.py:{line}: value: its judge fails: ZeroDivisionError: float division by zero"
    assert [text for text in result.stdout.splitlines() if "fails" in text] == [f"  {told}"]
    assert "the rest was not tried" in result.stdout
    assert "submissions" not in result.stdout
    assert caplog.text == ""


def test_a_check_for_another_device_is_said_to_be_unproven(build, run):
    folder = build(VALUE, GRADIENT.replace("@check", '@check(devices=("cuda",))'), UNCHANGED)
    text = (folder / "exercise.md").read_text()
    (folder / "exercise.md").write_text(text.replace("entry:", "devices: [cpu, cuda]\nentry:"))
    result = run(folder, "--no-mutants")
    assert result.returncode == 0, result.stdout
    assert "gradient (not on cpu)" in result.stdout
    assert "gradient is made on cuda only: not proven on cpu" in result.stdout


def test_a_check_that_is_passed_by_doing_nothing_is_told(build, run):
    folder = build(VALUE, GRADIENT, UNCHANGED.replace("(after=value)", ""))
    told = run(folder, "--no-mutants").stdout
    assert "unchanged: passed by a submission that returns None or returns 0 or " in told


def test_a_mutant_without_end_is_caught_by_its_time(build, grader):
    loop = "def energy(x):\n    n = 0\n    while n < 1:\n        n += 1\n    return x.pow(2 * n).mean()\n"
    exercise = load_exercise(build(VALUE, GRADIENT, UNCHANGED, reference=loop))
    found = survey_mutants(exercise, grader, jobs=2, on_step=lambda _name: None)
    endless = next(trial for trial in found.trials if trial.mutant.after == "n -= 1")
    assert (endless.fate, endless.catchers) == (Fate.CAUGHT, ("value",))
