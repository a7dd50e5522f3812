"""The command line as far as it goes without a sandbox."""

from __future__ import annotations

import contextlib
import csv
import io
import json
import os
import shutil
import signal
import subprocess
import sys
import threading
import time

import click
import pytest
from click.testing import CliRunner

from graders import cli
from graders.cli import opening
from graders.cli.opening import INTERRUPTED, NOT_ACCEPTED, NOT_GRADED, USAGE
from graders.errors import GraderError, SandboxError
from graders.model import CheckResult, Report, Verdict
from tests.report_readers import read_gradescope, read_junit

KEY = "regularization/sum-of-params"


def invoke(*arguments, **settings):
    return CliRunner().invoke(cli.main, arguments, **settings)


@pytest.fixture
def submission(tmp_path):
    path = tmp_path / "my.py"
    path.write_text("x = 1\n")
    return str(path)


@pytest.fixture(scope="module")
def exercises(root, tmp_path_factory):
    """A folder of exercises that is read quickly: one, without its known submissions."""
    made = tmp_path_factory.mktemp("exercises")
    unneeded = shutil.ignore_patterns("submissions")
    shutil.copytree(root / "exercises" / KEY, made / KEY, ignore=unneeded)
    return str(made)


class FakeGrader:
    """Accepts what holds the word right, and is slower the earlier a file comes."""

    def __init__(self):
        self.threads = set()

    def grade(self, exercise, source, *, device, seed, check):
        if check == "no-such":
            raise GraderError("has no check no-such")
        self.threads.add(threading.get_ident())
        text = source.decode()
        time.sleep(0.02 if "slow" in text else 0)
        if "interrupt" in text:
            raise KeyboardInterrupt
        verdict = Verdict.ACCEPTED if "right" in text else Verdict.WRONG
        verdict = Verdict(text.split()[1]) if text.startswith("verdict ") else verdict
        result = CheckResult(name="value", sentence="It holds.", points=1, verdict=verdict)
        return Report(
            exercise=exercise.key,
            exercise_hash=exercise.hash,
            verdict=verdict,
            score=float(verdict is Verdict.ACCEPTED),
            checks=(result,),
            seed=seed or 5,
            device=device,
            torch_version="2",
            level="A",
        )


@pytest.fixture
def fake(monkeypatch):
    grader = FakeGrader()
    start = lambda _level, **_: contextlib.nullcontext(grader)  # noqa: E731
    monkeypatch.setattr(opening, "start_grader", start)
    return grader


@pytest.fixture
def grade(fake, exercises):  # noqa: ARG001 - it takes the real one's place
    """How to grade with a grader that runs nothing."""

    def run(*arguments, **settings):
        return invoke("grade", KEY, *map(str, arguments), "--exercises", exercises, **settings)

    return run


@pytest.fixture
def folder(tmp_path):
    """Twelve files, every third of them right; the first ones take the longest."""
    made = tmp_path / "handed in"
    made.mkdir()
    for number in range(12):
        word = "right" if number % 3 == 0 else "wrong"
        speed = "slow" if number < 3 else "fast"
        (made / f"{number:02}.py").write_text(f"# {word} {speed}\n")
    return made


@pytest.mark.parametrize(
    "command", [(), ("grade",), ("replay",), ("verify",), ("new",), ("doctor",), ("bench",)]
)
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
        ("grade", "a/b", "x.py", "--jobs", "0"),
        ("grade", "a/b", "x.py", "--seed", str(2**63)),
        ("replay",),
        ("replay", "no-such-receipt.json", "x.py"),
        ("new",),
    ],
)
def test_wrong_usage_is_status_2(arguments):
    assert invoke(*arguments).exit_code == USAGE


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("regularization/no-such", "there is no exercise regularization/no-such"),
        ("regularization/sum-of-parms", "did you mean regularization/sum-of-params?"),
        ("sum-of-params", "did you mean regularization/sum-of-params?"),
        ("regularization", "regularization is a folder of exercises; name one: regularization/"),
        ("my.py", "my.py is no exercise. Name the exercise first"),
        ("x" * 5000, "there is no exercise xxx"),
        ("\x1b[2J\x00", "there is no exercise \ufffd[2J\ufffd."),
    ],
)
def test_an_unknown_exercise_is_wrong_usage_and_the_known_ones_are_named(
    name, told, exercises, submission
):
    result = invoke("grade", name, submission, "--exercises", exercises)
    assert result.exit_code == USAGE
    assert told in result.output
    assert "regularization/sum-of-params" in result.output or name.endswith(".py")


def test_where_there_are_no_exercises_it_is_told_how_to_name_one(tmp_path, submission):
    result = invoke("grade", KEY, submission, "--exercises", str(tmp_path / "none"))
    assert result.exit_code == USAGE
    assert "give its folder, or --exercises FOLDER" in result.output


def test_an_exercise_that_cannot_be_read_is_not_the_learner_s_fault(tmp_path, submission):
    folder = tmp_path / "lesson" / "broken"
    folder.mkdir(parents=True)
    result = invoke("grade", str(folder), submission)
    assert result.exit_code == NOT_GRADED
    assert "exercise.md: this file is missing" in result.output


def test_a_machine_that_can_contain_nothing_is_told_where_to_look(
    exercises, submission, monkeypatch
):
    class NoGrader:
        def __init__(self, *, level, idle, **_):
            raise SandboxError(f"no wall stands (asked for {level}, {idle})")

    monkeypatch.setattr(opening, "Grader", NoGrader)
    result = invoke("grade", KEY, submission, "--exercises", exercises)
    assert result.exit_code == NOT_GRADED
    assert "no wall stands" in result.output
    assert "graders doctor" in result.output


@pytest.mark.parametrize(
    ("path", "told"),
    [
        ("no-such.py", "cannot read no-such.py: No such file or directory"),
        ("\x1b[2J.py", "cannot read \ufffd[2J.py: No such file"),
        ("x" * 300 + ".py", "File name too long"),
        ("empty", "there are no *.py files in empty."),
        ("nested", "there are no *.py files in nested. Its subfolders do: give these."),
    ],
)
def test_a_file_that_cannot_be_graded_is_wrong_usage_before_anything_starts(
    path, told, exercises, tmp_path, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "empty").mkdir()
    (tmp_path / "nested" / "somebody").mkdir(parents=True)
    (tmp_path / "nested" / "somebody" / "a.py").touch()
    monkeypatch.setattr(opening, "start_grader", None)
    result = invoke("grade", KEY, path, "--exercises", exercises)
    assert result.exit_code == USAGE
    assert told in result.output
    assert "\x1b" not in result.output


def test_no_exercises_to_verify_is_wrong_usage(tmp_path):
    result = invoke("verify", "--exercises", str(tmp_path / "nothing"))
    assert result.exit_code == USAGE


def test_help_shows_each_example_on_its_line():
    shown = CliRunner().invoke(cli.main, ["--help"]).output
    assert "\n  graders grade regularization/sum-of-params my.py   grade a file\n" in shown
    assert "\\b" not in shown


@pytest.mark.parametrize("jobs", [1, 4])
def test_reports_come_in_the_order_of_the_files(grade, fake, folder, jobs):
    result = grade(folder, "--format", "json", "--jobs", jobs)
    assert result.exit_code == NOT_ACCEPTED
    names = [report["file"] for report in json.loads(result.stdout)["reports"]]
    assert names == sorted(map(str, folder.iterdir()))
    assert len(fake.threads) <= jobs
    assert jobs == 1 or len(fake.threads) > 1


def test_the_report_goes_to_a_file_and_the_table_to_the_terminal(grade, folder, tmp_path):
    for form, read in (("json", json.loads), ("junit", read_junit)):
        target = tmp_path / f"report.{form}"
        target.write_text("old")
        result = grade(folder, "--format", form, "--output", target)
        assert result.exit_code == NOT_ACCEPTED
        read(target.read_text())
        assert "4 of 12 accepted, mean score 33.3%" in result.stdout
        assert "It holds." not in result.stdout
    assert sorted(path.name for path in tmp_path.glob("*report*")) == [
        "report.json",
        "report.junit",
    ]
    assert list(tmp_path.glob(".*")) == []


def test_text_in_a_file_has_no_colour(grade, submission, tmp_path):
    target = tmp_path / "report.txt"
    grade(submission, "--output", target, color=True)
    assert target.read_text().startswith(f"{submission}: wrong, 0 of 1 points")
    assert "\x1b" not in target.read_text()


@pytest.mark.parametrize(("value", "is_coloured"), [("", True), ("1", False), ("anything", False)])
def test_no_color_is_respected(grade, submission, monkeypatch, value, is_coloured):
    monkeypatch.setenv("NO_COLOR", value)
    assert ("\x1b[" in grade(submission, color=True).stdout) == is_coloured


def test_a_terminal_that_cannot_show_a_sign_shows_another(monkeypatch):
    terminal = io.TextIOWrapper(io.BytesIO(), encoding="ascii")
    monkeypatch.setattr(sys, "stdout", terminal)
    opening.prepare_terminal()
    terminal.write("\N{BALLOT X} wrong")
    terminal.flush()
    assert terminal.buffer.getvalue() == b"? wrong"


def test_a_table_can_be_written_beside_the_report(grade, folder, tmp_path):
    target = tmp_path / "grades.csv"
    result = grade(folder, "--csv", target)
    rows = list(csv.DictReader(io.StringIO(target.read_text())))
    assert [row["verdict"] for row in rows[:3]] == ["accepted", "wrong", "wrong"]
    assert "4 of 12 accepted" in result.stdout
    shown = grade(folder, "--format", "csv").stdout
    assert list(csv.DictReader(io.StringIO(shown))) == rows


@pytest.mark.parametrize(
    ("option", "target", "told"),
    [
        ("--output", ".", "is a folder; name a file in it"),
        ("--csv", "no-such/grades.csv", "there is no folder no-such; make it first"),
        ("--receipt", "", "is a folder; name a file in it"),
    ],
)
def test_a_file_that_cannot_be_written_is_told_before_anything_is_graded(
    grade, fake, submission, tmp_path, monkeypatch, option, target, told
):
    monkeypatch.chdir(tmp_path)
    result = grade(submission, option, target)
    assert result.exit_code == USAGE
    assert told in result.output
    assert fake.threads == set()


@pytest.mark.parametrize(
    "options",
    [
        ("--output", "my.py"),
        ("--receipt", "./my.py"),
        ("--output", "new.txt", "--csv", "new.txt"),
        ("--csv", "new.txt", "--receipt", "../{folder}/new.txt"),
    ],
)
def test_nothing_is_written_over_what_is_graded_or_over_another_report(
    grade, fake, submission, tmp_path, monkeypatch, options
):
    monkeypatch.chdir(tmp_path)
    result = grade(submission, *(option.format(folder=tmp_path.name) for option in options))
    assert result.exit_code == USAGE
    assert "is already used; name another file to write" in result.output
    assert fake.threads == set()


def test_two_reports_may_go_to_one_device(grade, submission):
    assert grade(submission, "--output", "/dev/null", "--csv", "/dev/null").exit_code == 1


def test_files_that_nobody_handed_in_are_left_out(grade, folder):
    (folder / "._00.py").write_bytes(b"\x00\x05\x16\x07")
    reports = json.loads(grade(folder, "--format", "json").stdout)["reports"]
    assert len(reports) == 12


def test_what_a_folder_holds_besides_is_told_counted_and_no_longer_than_a_line(grade, folder):
    (folder / "UPPER.PY").write_text("right")
    (folder / "link.py").symlink_to(folder / "00.py")
    (folder / "somebody.py").mkdir()
    for number in range(8):
        (folder / f"notes{number}.ipynb").touch()
    result = grade(folder, "--format", "json")
    names = {report["file"] for report in json.loads(result.stdout)["reports"]}
    assert len(names) == 13
    assert str(folder / "UPPER.PY") in names
    said = result.stderr.strip()
    assert said.startswith(f"Graded 13; passed over 10: {folder}/link.py (a link), ")
    assert f"{folder}/notes0.ipynb (no .py file)" in said
    assert said.endswith(" and 2 more.")
    assert "\n" not in said


def test_nothing_is_told_of_a_folder_that_holds_nothing_else(grade, folder):
    (folder / ".DS_Store").touch()
    assert grade(folder, "--format", "json").stderr == ""


@pytest.mark.parametrize("given", ["link.py", "folder", "folder/here.py", "handed in/../link.py"])
def test_a_link_is_refused_wherever_it_stands_and_followed_when_asked_to(
    grade, fake, folder, tmp_path, monkeypatch, given
):
    monkeypatch.chdir(tmp_path)
    secret = tmp_path / "elsewhere"
    secret.mkdir()
    (secret / "here.py").write_text("root:x:0:0 secret")
    (tmp_path / "link.py").symlink_to(secret / "here.py")
    (tmp_path / "folder").symlink_to(secret)
    result = grade(given)
    assert result.exit_code == USAGE
    assert " is a link, and might lead to somebody else's file." in result.stderr
    assert "--follow-links" in result.stderr
    assert "secret" not in result.output
    assert fake.threads == set()
    assert grade(given, "--follow-links").exit_code == NOT_ACCEPTED
    assert folder.is_dir()


def test_a_link_in_a_folder_is_graded_when_asked_for(grade, folder):
    (folder / "link.py").symlink_to(folder / "00.py")
    reports = json.loads(grade(folder, "--format", "json", "--follow-links").stdout)["reports"]
    assert len(reports) == 13


def test_what_the_kernel_shows_as_a_link_is_none(grade):
    reading, writing = os.pipe()
    os.write(writing, b"# right")
    os.close(writing)
    result = grade(f"/dev/fd/{reading}")
    os.close(reading)
    assert result.exit_code == 0


def test_of_many_files_a_table_is_written_and_the_reports_on_request(grade, folder, submission):
    result = grade(folder)
    assert "It holds." not in result.stdout
    assert "4 of 12 accepted" in result.stdout
    assert result.stderr.startswith("--full shows each report")
    result = grade(folder, "--full")
    assert result.stdout.count("It holds.") == 12
    assert "4 of 12 accepted" in result.stdout
    assert result.stderr == ""
    assert "It holds." in grade(submission).stdout


def test_a_check_alone_is_told_to_be_one(grade, submission):
    first, *_ = grade(submission, "--check", "value").stdout.splitlines()
    assert "0 of 1 points by the check value alone" in first


def test_a_name_that_is_nearly_right_is_not_answered_with_the_whole_list(root):
    exercises = str(root / "exercises")
    near = invoke("grade", "regularization/sum-of-parms", "x.py", "--exercises", exercises).output
    assert f"did you mean {KEY}?" in near
    assert "early-stopping" not in near
    far = invoke("grade", "nothing-like-it", "x.py", "--exercises", exercises).output
    assert far.count("/") < 10
    assert "more." in far


@pytest.fixture
def start(root):
    """How to start the program where nothing is graded."""

    def run(*arguments, **streams):
        command = [sys.executable, "-m", "graders", *arguments]
        environment = {**os.environ, "PYTHONPATH": str(root)}
        return subprocess.run(
            command, env=environment, stderr=subprocess.PIPE, text=True, check=False, **streams
        )

    return run


def test_a_full_disk_is_one_line_and_status_3(start):
    with open("/dev/full", "w") as full:  # noqa: PTH123 - a device
        result = start("--help", stdout=full)
    assert result.returncode == NOT_GRADED
    assert result.stderr == "Error: cannot write what was found: No space left on device\n"


def test_a_reader_that_has_enough_is_no_error_worth_a_word(start):
    reading, writing = os.pipe()
    os.close(reading)
    result = start("new", "--help", stdout=writing)
    os.close(writing)
    assert result.returncode == NOT_GRADED
    assert result.stderr == ""


@pytest.mark.parametrize("option", [("--receipt", "r.json"), ("--format", "gradescope")])
def test_what_is_about_one_submission_is_refused_for_several(grade, fake, folder, option):
    result = grade(folder, *option)
    assert result.exit_code == USAGE
    assert "is about one submission, and there are 12" in result.output
    assert fake.threads == set()


def test_gradescope_gets_its_results(grade, submission):
    result = grade(submission, "--format", "gradescope")
    assert result.exit_code == NOT_ACCEPTED
    assert read_gradescope(result.stdout)["tests"][0]["name"] == "It holds."


@pytest.mark.parametrize("verdict", ["platform_error", "author_error", "skipped"])
def test_what_was_not_graded_is_status_3_and_neither_a_score_nor_a_receipt(
    grade, tmp_path, verdict
):
    file, receipt, target = (tmp_path / name for name in ("a.py", "receipt.json", "results.json"))
    file.write_text(f"verdict {verdict}")
    result = grade(file, "--receipt", receipt)
    assert result.exit_code == NOT_GRADED
    assert "There is no receipt: the file was not graded." in result.stderr
    result = grade(file, "--format", "gradescope", "--output", target)
    assert result.exit_code == NOT_GRADED
    assert "no score to give to Gradescope" in result.stderr
    assert not receipt.exists()
    assert not target.exists()


@pytest.mark.parametrize(
    ("verdict", "told"),
    [("author_error", f"graders verify {{}}/{KEY}`"), ("platform_error", "`graders doctor`")],
)
def test_whoever_meets_a_fault_is_told_where_to_look(grade, tmp_path, exercises, verdict, told):
    file = tmp_path / "a.py"
    file.write_text(f"verdict {verdict}")
    result = grade(file, "--format", "json")
    assert told.format(exercises) in result.stderr
    assert json.loads(result.stdout)


def test_a_check_that_there_is_not_is_wrong_usage(grade, folder):
    result = grade(folder, "--check", "no-such", "--jobs", "4")
    assert result.exit_code == USAGE
    assert "has no check no-such" in result.output


def test_an_interrupted_grading_ends_with_a_line_and_writes_nothing(
    grade, folder, tmp_path, monkeypatch
):
    monkeypatch.setattr(opening.signal, "signal", lambda *_: None)
    monkeypatch.setattr(opening.logging, "disable", lambda _: None)
    (folder / "05.py").write_text("interrupt")
    target = tmp_path / "grades.csv"
    result = grade(folder, "--csv", target)
    assert result.exit_code == INTERRUPTED
    assert result.stderr.strip().startswith("Interrupted:")
    assert "Traceback" not in result.output
    assert not target.exists()


def _fail_of_ctrl_c():
    try:
        signal.raise_signal(signal.SIGINT)
    except KeyboardInterrupt:
        raise GraderError("the sandbox has ended") from None


def test_what_fails_after_ctrl_c_fails_of_it(capsys):
    before = signal.getsignal(signal.SIGINT)
    with pytest.raises(SystemExit) as ended, opening.interruptible():
        _fail_of_ctrl_c()
    assert ended.value.code == INTERRUPTED
    assert capsys.readouterr().err.strip().startswith("Interrupted:")
    assert signal.getsignal(signal.SIGINT) is before


def test_what_fails_without_ctrl_c_is_told_as_it_is():
    with pytest.raises(GraderError), opening.interruptible():
        raise GraderError("the sandbox has ended")


def test_the_commands_are_told_in_the_first_help():
    assert isinstance(cli.main, click.Group)
    text = invoke("--help").output
    names = cli.main.list_commands(click.Context(cli.main))
    assert set(names) == {"bench", "doctor", "grade", "new", "replay", "verify"}
    assert all(f"graders {name} " in text and f"\n  {name} " in text for name in names)


def test_no_command_loads_what_another_one_alone_needs():
    script = "import sys; from graders import cli; sys.exit('libcst' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", script], check=False).returncode == 0
