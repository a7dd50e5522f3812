"""A new exercise is proven as it is made."""

from __future__ import annotations

import contextlib
import json

import pytest
from click.testing import CliRunner

from graders import cli
from graders.cli import opening


@pytest.fixture
def run(tmp_path, grader, monkeypatch):
    monkeypatch.setattr(opening, "start_grader", lambda _level, **_: contextlib.nullcontext(grader))
    monkeypatch.chdir(tmp_path)
    return lambda *arguments: CliRunner().invoke(cli.main, arguments)


@pytest.mark.parametrize("lesson", ["regularization", "weight-decay"])
def test_a_new_exercise_verifies_at_once_and_its_files_get_their_verdicts(run, tmp_path, lesson):
    key = f"{lesson}/my-idea"
    assert run("new", key, "--title", "Mine: a #1", "--entry", "my_function").exit_code == 0
    proof = run("verify", key, "--mutants", "--seeds", "5", "--format", "json")
    assert proof.exit_code == 0, proof.output
    (outcome,) = json.loads(proof.stdout)["exercises"]
    assert outcome["problems"] == []
    assert "my_function" in (tmp_path / "exercises" / key / "reference.py").read_text()
    folder = tmp_path / "exercises" / key / "submissions"
    assert run("grade", key, str(folder / "accepted")).exit_code == 0
    wrong = run("grade", key, str(folder / "wrong"), "--full")
    assert wrong.exit_code == 1
    named = wrong.stdout.count("This often means:")
    assert named == len(list((folder / "wrong").iterdir()))
