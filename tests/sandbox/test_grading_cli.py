"""The command line with a real sandbox behind it."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import subprocess
import sys
from types import SimpleNamespace

import pytest
from click.testing import CliRunner

from graders import cli
from graders.cli import opening
from graders.facade import Level, Report, diagnose

KEY = "regularization/sum-of-params"
RIGHT = "def l2_penalty(model):\n    return sum(p.pow(2).sum() for p in model.parameters())\n"
WRONG = RIGHT.replace("p.pow(2).sum()", "p.sum()")

pytestmark = pytest.mark.skipif(
    diagnose().level is Level.NONE, reason="this machine cannot contain submissions"
)


@pytest.fixture(autouse=True)
def _files(tmp_path):
    (tmp_path / "right.py").write_text(RIGHT)
    (tmp_path / "wrong.py").write_text(WRONG)


@pytest.fixture
def start(root, tmp_path):
    """How to start the program, with a sandbox of its own."""

    def run_graders(*arguments):
        command = [sys.executable, "-m", "graders", *arguments]
        environment = {**os.environ, "PYTHONPATH": str(root)}
        return subprocess.run(
            [*command, *_options(arguments, root)],
            cwd=tmp_path,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )

    return run_graders


@pytest.fixture
def run(root, tmp_path, grader, monkeypatch):
    """How to run a command in this process, with the sandbox that all tests share."""
    monkeypatch.setattr(opening, "start_grader", lambda _level: contextlib.nullcontext(grader))
    monkeypatch.chdir(tmp_path)

    def run_graders(*arguments, stdin=None):
        done = CliRunner().invoke(cli.main, [*arguments, *_options(arguments, root)], input=stdin)
        assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
        return SimpleNamespace(returncode=done.exit_code, stdout=done.stdout, stderr=done.stderr)

    return run_graders


def _options(arguments, root):
    is_given = arguments[0] == "doctor" or "--exercises" in arguments
    return [] if is_given else ["--exercises", str(root / "exercises")]


def test_an_accepted_file_is_status_0(start):
    result = start("grade", KEY, "right.py")
    assert (result.returncode, result.stderr) == (0, "")
    assert result.stdout.startswith("right.py: accepted, 15 of 15 points (regularization/")
    assert "\x1b" not in result.stdout  # no terminal, no colour


def test_a_wrong_file_is_status_1_and_its_misconception_is_named(start):
    result = start("grade", KEY, "wrong.py")
    assert result.returncode == 1
    assert "This often means: You added up the parameters themselves." in result.stdout


def test_many_files_make_a_table_and_one_wrong_one_decides(run):
    result = run("grade", KEY, ".", "right.py")
    assert result.returncode == 1
    lines = [line.split() for line in result.stdout.splitlines()[-3:]]
    assert [(line[0], line[-1]) for line in lines] == [
        ("accepted", "right.py"),
        ("wrong", "wrong.py"),
        ("accepted", "right.py"),
    ]


def test_a_folder_from_strangers_is_read_with_care(run, tmp_path):
    folder = tmp_path / "handed in"
    folder.mkdir()
    (folder / "\x1b[2Jnext\udcff.py").write_text(RIGHT)
    (folder / "folder.py").mkdir()
    (folder / "link.py").symlink_to("/etc/passwd")
    (folder / "endless.py").symlink_to("/dev/zero")
    os.mkfifo(folder / "pipe.py")
    for form in ("text", "json"):
        result = run("grade", KEY, str(folder), "--format", form)
        assert (result.returncode, result.stderr) == (0, "")
        assert "\ufffd[2Jnext\ufffd.py" in result.stdout
        assert "\x1b" not in result.stdout
        assert "root:" not in result.stdout


def test_standard_input_can_be_graded(run):
    result = run("grade", KEY, "-", stdin=RIGHT)
    assert result.returncode == 0
    assert result.stdout.startswith("-: accepted")


def test_json_is_all_there_is_on_standard_output(run):
    result = run("grade", KEY, "right.py", "wrong.py", "--format", "json", "--seed", "7")
    assert result.returncode == 1
    one, other = json.loads(result.stdout)["reports"]
    assert (one.pop("file"), other.pop("file")) == ("right.py", "wrong.py")
    assert Report.from_dict(one).score == 1.0
    assert Report.from_dict(other).seed == 7


def test_one_check_can_be_named(run):
    result = run("grade", KEY, "wrong.py", "--check", "device")
    assert result.returncode == 0
    assert "1 of 1 points" in result.stdout
    assert run("grade", KEY, "wrong.py", "--check", "no-such").returncode == 2


def test_a_device_that_the_exercise_does_not_name_is_wrong_usage(run):
    result = run("grade", KEY, "right.py", "--device", "cuda")
    assert result.returncode == 2
    assert "is not graded on cuda, only on cpu" in result.stderr


@pytest.fixture
def copied(root, tmp_path):
    """A copy of an exercise that may be spoilt."""
    folder = tmp_path / "exercises" / "regularization" / "sum-of-params"
    shutil.copytree(root / "exercises" / KEY, folder)
    shutil.rmtree(folder / "submissions" / "time_limit")
    return folder


def test_verify_finds_a_check_that_lets_a_known_mistake_through(run, copied):
    reference = (copied / "reference.py").read_text()
    (copied / "submissions" / "wrong" / "really_right.py").write_text(
        f"# caught by: value\n{reference}"
    )
    result = run("verify", str(copied), "--seeds", "2")
    assert result.returncode == 1
    assert "submissions/wrong/really_right.py: must be wrong, is accepted" in result.stdout


def test_verify_tells_an_exercise_that_cannot_be_read_and_goes_on(run, copied):
    (copied / "checks.py").write_text("def broken(:\n")
    healthy = copied.parent / "other"
    shutil.copytree(copied, healthy)
    result = run("verify", "--exercises", str(copied.parents[1]), "--format", "json")
    assert result.returncode == 1
    one, other = json.loads(result.stdout)["exercises"]
    assert one["problems"][0].endswith("other/checks.py:1: syntax error: invalid syntax")
    assert other["problems"][0].endswith("sum-of-params/checks.py:1: syntax error: invalid syntax")


def test_the_doctor_names_the_level(start):
    result = start("doctor")
    assert result.returncode == 0
    assert f"level {diagnose().level}: " in result.stdout
    assert json.loads(start("doctor", "--format", "json").stdout)["level"] == diagnose().level
