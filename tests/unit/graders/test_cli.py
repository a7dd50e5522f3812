"""The command line as far as it goes without a sandbox."""

from __future__ import annotations

import pytest
from click.testing import CliRunner

from graders import cli
from graders.errors import SandboxError


def invoke(*arguments):
    return CliRunner().invoke(cli.main, arguments)


@pytest.fixture
def submission(tmp_path):
    path = tmp_path / "my.py"
    path.write_text("x = 1\n")
    return str(path)


@pytest.mark.parametrize("command", [(), ("grade",), ("verify",), ("doctor",)])
def test_every_command_explains_itself(command):
    result = invoke(*command, "--help")
    assert result.exit_code == 0
    assert "Usage:" in result.output


def test_the_first_help_tells_an_example_and_the_exit_statuses():
    text = invoke("--help").output
    assert "graders grade regularization/sum-of-params my.py" in text
    assert "Exit status: 0 all accepted, 1 not all, 2 wrong usage, 3 not graded" in text


@pytest.mark.parametrize(
    "arguments",
    [
        ("grade",),
        ("grade", "a/b"),
        ("grade", "a/b", "no-such-file.py"),
        ("frobnicate",),
        ("verify", "--seeds", "1"),
        ("grade", "a/b", "--format", "xml"),
    ],
)
def test_wrong_usage_is_status_2(arguments):
    assert invoke(*arguments).exit_code == cli.USAGE


def test_an_unknown_exercise_is_wrong_usage_and_the_known_ones_are_named(root, submission):
    exercises = str(root / "exercises")
    result = invoke("grade", "regularization/no-such", submission, "--exercises", exercises)
    assert result.exit_code == cli.USAGE
    assert "there is no exercise regularization/no-such" in result.output
    assert "regularization/sum-of-params" in result.output


def test_an_exercise_that_cannot_be_read_is_not_the_learner_s_fault(tmp_path, submission):
    folder = tmp_path / "lesson" / "broken"
    folder.mkdir(parents=True)
    result = invoke("grade", str(folder), submission)
    assert result.exit_code == cli.NOT_GRADED
    assert "exercise.md: this file is missing" in result.output


def test_a_machine_that_can_contain_nothing_is_told_where_to_look(root, submission, monkeypatch):
    class NoGrader:
        def __init__(self, *, level):
            raise SandboxError(f"no wall stands (asked for {level})")

    monkeypatch.setattr(cli, "Grader", NoGrader)
    key = str(root / "exercises" / "regularization" / "sum-of-params")
    result = invoke("grade", key, submission)
    assert result.exit_code == cli.NOT_GRADED
    assert "no wall stands" in result.output
    assert "graders doctor" in result.output


def test_a_folder_without_submissions_is_wrong_usage(root, tmp_path):
    key = str(root / "exercises" / "regularization" / "sum-of-params")
    result = invoke("grade", key, str(tmp_path))
    assert result.exit_code == cli.USAGE
    assert "no *.py files" in result.output


def test_no_exercises_to_verify_is_wrong_usage(tmp_path):
    result = invoke("verify", "--exercises", str(tmp_path / "nothing"))
    assert result.exit_code == cli.USAGE


def test_help_shows_each_example_on_its_line():
    shown = CliRunner().invoke(cli.main, ["--help"]).output
    assert "\n  graders grade regularization/sum-of-params my.py   grade a file\n" in shown
    assert "\\b" not in shown
