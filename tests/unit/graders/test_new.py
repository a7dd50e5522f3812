"""A new exercise's folder: what is made, what is refused, and that nothing is left half made."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest
from click.testing import CliRunner

from graders import cli
from graders.exercise import load_exercise
from graders.model import Verdict

LESSONS = ("regularization", "weight-decay", "something-else")


def new(*arguments):
    return CliRunner().invoke(cli.main, ["new", *map(str, arguments)])


@pytest.mark.parametrize("lesson", LESSONS)
def test_a_new_exercise_can_be_read_and_teaches(tmp_path, lesson):
    result = new(f"{lesson}/my-first-idea", "--exercises", tmp_path)
    assert result.exit_code == 0, result.output
    exercise = load_exercise(tmp_path / lesson / "my-first-idea")
    assert (exercise.key, exercise.title) == (f"{lesson}/my-first-idea", "My first idea")
    assert len(exercise.checks) >= 3
    assert any(spec.hidden for spec in exercise.checks)
    assert any(spec.after for spec in exercise.checks)
    assert len(exercise.hints) >= 2
    assert exercise.solution
    assert exercise.mistakes
    verdicts = {sample.verdict for sample in exercise.submissions}
    assert verdicts == {Verdict.ACCEPTED, Verdict.WRONG}
    tags = {sample.misconception for sample in exercise.submissions} - {""}
    assert tags == set(exercise.misconceptions)
    assert (exercise.folder / "checks.py").read_text().count("#") >= 4


@pytest.mark.parametrize("lesson", LESSONS)
def test_no_placeholder_is_left_and_the_function_has_the_name_that_was_asked_for(tmp_path, lesson):
    folder = tmp_path / lesson / "idea"
    new(f"{lesson}/idea", "--exercises", tmp_path, "--entry", "my_function")
    files = [path for path in folder.rglob("*") if path.is_file()]
    assert not any("{{" in path.read_text() or "}}" in path.read_text() for path in files)
    for path in folder.rglob("*.py"):
        if path.name != "checks.py":
            defined = [n.name for n in ast.parse(path.read_text()).body if hasattr(n, "name")]
            assert defined == ["my_function"], path
    assert "`my_function(" in (folder / "exercise.md").read_text()


@pytest.mark.parametrize(
    "title",
    [
        "It's: a #title",
        '"quoted"',
        "{{entry}}",
        "back\\slash",
        "[list]",
        "- item",
        "Größe θ",
        "yes",
    ],
)
def test_a_title_may_hold_anything_that_fits_on_a_line(tmp_path, title):
    new("a/b", "--exercises", tmp_path, "--title", title)
    assert load_exercise(tmp_path / "a" / "b").title == title


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["a/B c"], "'B c' is no name for an exercise: use lower-case letters"),
        (["a/B c"], "such as b-c"),
        (["a/1st"], "such as st"),
        (["a/\x1b[2J"], "is no name for an exercise"),
        (["A_b/c"], "'A_b' is no name for a lesson"),
        (["only"], "only names no lesson; say lesson/exercise"),
        (["../.."], "names no lesson"),
        (["."], "names no lesson"),
        (["a/b", "--entry", "not a name"], "'not a name' is no name that a function can have"),
        (["a/b", "--entry", "class"], "'class' is no name that a function can have"),
        (["a/b", "--entry", "draw"], "the example uses the name draw for something else"),
        (["a/b", "--entry", "observe"], "the example uses the name observe"),
        (["a/b", "--title", " "], "a title is one line of 1 to 100 characters"),
        (["a/b", "--title", "two\nlines"], "a title is one line"),
        (["a/b", "--title", "x" * 101], "a title is one line"),
    ],
)
def test_what_cannot_be_used_is_refused_with_a_remedy_and_leaves_nothing(tmp_path, arguments, told):
    result = new(*arguments, "--exercises", tmp_path / "exercises")
    assert result.exit_code == 2
    assert told in " ".join(result.output.split())
    assert "\x1b" not in result.output
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_exists_is_left_alone(tmp_path):
    folder = tmp_path / "a" / "b"
    folder.mkdir(parents=True)
    result = new("a/b", "--exercises", tmp_path)
    assert result.exit_code == 2
    assert "exists already; choose another name or delete it first" in " ".join(
        result.output.split()
    )
    assert list(folder.iterdir()) == []
    assert [path.name for path in (tmp_path / "a").iterdir()] == ["b"]


def test_a_place_that_cannot_be_written_is_told(tmp_path):
    (tmp_path / "a").write_text("a file")
    result = new("a/b", "--exercises", tmp_path)
    assert result.exit_code == 2
    assert "cannot be made: " in " ".join(result.output.split())


@pytest.mark.parametrize(
    ("name", "place"),
    [
        ("a/b", "exercises/a/b"),
        ("./a/b", "a/b"),
        ("mine/a/b", "mine/a/b"),
        ("../mine/a/b/", "../mine/a/b"),
    ],
)
def test_a_key_lies_below_the_exercises_and_a_path_where_it_says(
    tmp_path, monkeypatch, name, place
):
    here = tmp_path / "here"
    here.mkdir()
    monkeypatch.chdir(here)
    assert new(name).exit_code == 0
    assert Path(place, "exercise.md").is_file()
    leftovers = list(tmp_path.rglob(".*"))
    assert leftovers == []


def test_what_it_says_to_do_next_can_be_done(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    lines = new("a/b").output.splitlines()
    commands = [line.split()[1:] for line in lines if line.startswith("  graders")]
    assert [command[0] for command in commands] == ["verify", "grade"]
    assert all(Path(word).exists() for command in commands for word in command[1:] if "/" in word)
