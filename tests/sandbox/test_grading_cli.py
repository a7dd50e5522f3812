"""The command line with a real sandbox behind it."""

from __future__ import annotations

import contextlib
import csv
import io
import json
import os
import pty
import re
import shutil
import signal
import subprocess
import sys
import time
from types import SimpleNamespace

import pytest
from click.testing import CliRunner

from graders import cli
from graders.cli import opening
from graders.facade import Level, Report, diagnose
from tests.report_readers import read_gradescope, read_junit

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
    monkeypatch.setattr(opening, "start_grader", lambda _level, **_: contextlib.nullcontext(grader))
    monkeypatch.chdir(tmp_path)

    def run_graders(*arguments, stdin=None):
        done = CliRunner().invoke(cli.main, [*arguments, *_options(arguments, root)], input=stdin)
        assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
        return SimpleNamespace(returncode=done.exit_code, stdout=done.stdout, stderr=done.stderr)

    return run_graders


def _options(arguments, root):
    is_given = arguments[0] == "doctor" or "--exercises" in arguments or "--help" in arguments
    return [] if is_given else ["--exercises", str(root / "exercises")]


def test_an_accepted_file_is_status_0(start):
    result = start("grade", KEY, "right.py")
    assert (result.returncode, result.stderr) == (0, "")
    assert result.stdout.startswith("right.py: accepted, 16 of 16 points (regularization/")
    assert "\x1b" not in result.stdout  # no terminal, no colour


def test_a_wrong_file_is_status_1_and_its_misconception_is_named(start):
    result = start("grade", KEY, "wrong.py")
    assert result.returncode == 1
    assert "This often means: You added up the parameters themselves." in result.stdout


def test_many_files_make_a_table_and_one_wrong_one_decides(run):
    result = run("grade", KEY, ".", "right.py")
    assert result.returncode == 1
    lines = [line.split() for line in result.stdout.splitlines()[-5:-2]]
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
        assert result.returncode == 0
        assert "Graded 1; passed over 4: " in result.stderr
        assert "\x1b" not in result.stderr
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


HIDES = """
def l2_penalty(model):
    if any(type(module).__name__ == "LSTM" for module in model.modules()):
        secret = "seen-in-the-hidden-check"
        print(secret)
        raise RuntimeError(secret)
    return sum(p.pow(2).sum() for p in model.parameters())
"""


@pytest.mark.parametrize("form", ["text", "json", "junit", "gradescope", "csv"])
def test_no_form_tells_what_happened_in_a_hidden_check(run, tmp_path, form):
    (tmp_path / "thief.py").write_text(HIDES)
    result = run("grade", KEY, "thief.py", "--format", form)
    assert result.returncode == 1
    assert "unusual" in result.stdout
    assert "seen-in-the-hidden" not in result.stdout + result.stderr
    assert "LSTM" not in result.stdout


def test_a_want_of_memory_in_a_hidden_check_is_told_in_words_of_ours(run, tmp_path):
    (tmp_path / "thief.py").write_text(HIDES.replace("RuntimeError", "MemoryError"))
    result = run("grade", KEY, "thief.py")
    assert "There was not enough memory here." in result.stdout
    assert "seen-in-the-hidden" not in result.stdout


HOSTILE = """
def l2_penalty(model):
    print("\\x1b[2J\\u202e\\x00 ]]> <&>" * 3)
    raise ValueError("\\x1b[31m\\x00\\ud800\\ufffe ]]> \\u202e")
"""


def test_every_form_of_a_hostile_submission_can_be_read(run, tmp_path):
    (tmp_path / "\x1b[2J]]>.py").write_text(HOSTILE)
    readers = {
        "text": str,
        "json": json.loads,
        "junit": read_junit,
        "gradescope": read_gradescope,
        "csv": lambda text: next(csv.DictReader(io.StringIO(text))),
    }
    for form, read in readers.items():
        result = run("grade", KEY, "\x1b[2J]]>.py", "--format", form)
        assert result.returncode == 1
        assert read(result.stdout)
        assert not re.search("[\x00\x1b\u202e]", result.stdout)


def test_several_threads_grade_a_folder_as_one_would(run, tmp_path):
    folder = tmp_path / "handed in"
    folder.mkdir()
    for number in range(6):
        (folder / f"{number}.py").write_text(WRONG if number % 2 else RIGHT)
    result = run("grade", KEY, str(folder), "--jobs", "4", "--format", "csv")
    rows = list(csv.DictReader(io.StringIO(result.stdout)))
    assert [row["verdict"] for row in rows] == ["accepted", "wrong"] * 3
    assert [row["check growth"] for row in rows] == ["accepted", "wrong"] * 3


def test_a_receipt_is_replayed_until_something_changes(run, copied):
    copies = ["--exercises", str(copied.parents[1])]
    assert run("grade", KEY, "wrong.py", "--receipt", "r.json", *copies).returncode == 1
    again = run("replay", "r.json", "wrong.py", *copies)
    assert again.returncode == 0
    assert "wrong.py: the same as in the receipt" in again.stdout
    other = run("replay", "r.json", "right.py", *copies)
    assert other.returncode == 1
    assert "the verdict was wrong, is accepted" in other.stdout
    assert "the submission is not the file that the receipt is about" in other.stdout
    text = (copied / "checks.py").read_text()
    (copied / "checks.py").write_text(
        text.replace("torch.tensor(penalties)", "torch.tensor(order)")
    )
    changed = run("replay", "r.json", "wrong.py", *copies)
    assert changed.returncode == 1
    assert "sign was wrong, is accepted" in changed.stdout
    assert "the exercise has changed (changed or new checks: sign)" in changed.stdout


def test_a_receipt_of_one_check_repeats_that_check_alone(run):
    run("grade", KEY, "wrong.py", "--check", "device", "--receipt", "r.json")
    again = run("replay", "r.json", "wrong.py")
    assert (again.returncode, again.stderr) == (0, "")


def test_what_has_not_been_graded_is_not_replayed_either(run, copied, tmp_path):
    copies = ["--exercises", str(copied.parents[1])]
    run("grade", KEY, "right.py", "--receipt", "r.json", *copies)
    reference = (copied / "reference.py").read_text()
    (copied / "reference.py").write_text(reference.replace("model.parameters()", "model.nothing()"))
    result = run("replay", "r.json", "right.py", *copies)
    assert result.returncode == 3
    assert "was not graded. The exercise's own solution fails here" in result.stderr
    (tmp_path / "nobody").mkdir()
    lost = run("replay", "r.json", "right.py", "--exercises", str(tmp_path / "nobody"))
    assert lost.returncode == 2
    assert "as --exercises ROOT, or this one's as --exercise FOLDER" in lost.stderr
    found = run("replay", "r.json", "right.py", "--exercise", str(copied))
    assert found.returncode == 3


@pytest.fixture
def endless(tmp_path):
    """A folder of submissions that take very long."""
    folder = tmp_path / "endless"
    folder.mkdir()
    for number in range(8):
        (folder / f"{number}.py").write_text(
            "def l2_penalty(model):\n    while True:\n        pass\n"
        )
    return folder


def test_ctrl_c_ends_everything_with_one_line(root, tmp_path, endless):
    command = [sys.executable, "-m", "graders", "grade", KEY, str(endless), "--jobs", "4"]
    options = ["--exercises", str(root / "exercises"), "--output", "report.json"]
    screen, terminal = pty.openpty()
    with subprocess.Popen(
        [*command, *options, "--format", "json"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(root), "TERM": "xterm"},
        stdout=terminal,
        stderr=terminal,
        start_new_session=True,
    ) as process:
        os.close(terminal)
        said = _read_until(screen, b"0/8")
        os.killpg(process.pid, signal.SIGINT)
        said += _read_until(screen, b"was written.")
        assert process.wait(timeout=20) == 130
    os.close(screen)
    assert b"Interrupted: nothing more is graded, and no file was written." in said
    assert b"Traceback" not in said
    assert not (tmp_path / "report.json").exists()


def _read_until(screen, end):
    said = b""
    deadline = time.monotonic() + 100
    while end not in said:
        assert time.monotonic() < deadline, said
        said += os.read(screen, 4096)
    return said


@pytest.fixture
def copied(root, tmp_path):
    """A copy of an exercise that may be spoilt."""
    folder = tmp_path / "exercises" / "regularization" / "sum-of-params"
    shutil.copytree(root / "exercises" / KEY, folder)
    shutil.rmtree(folder / "submissions")  # they are proven elsewhere
    return folder


def test_verify_finds_a_check_that_lets_a_known_mistake_through(run, copied):
    reference = (copied / "reference.py").read_text()
    wrong = copied / "submissions" / "wrong"
    wrong.mkdir(parents=True)
    (wrong / "really_right.py").write_text(f"# caught by: value\n{reference}")
    result = run("verify", str(copied), "--seeds", "2")
    assert result.returncode == 1
    assert "submissions/wrong/really_right.py:1: must be wrong, is accepted" in result.stdout


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
