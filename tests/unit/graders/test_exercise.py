"""Reading an exercise folder: what is right is read, what is wrong is told with its line."""

from __future__ import annotations

import pytest

from graders.errors import ExerciseError
from graders.exercise import list_exercises, load_exercise
from graders.model import Limits, Verdict

EXERCISE = """\
---
format: 1
id: doubling
title: Double it
lesson: arithmetic
difficulty: 3
tags: [tensors, easy]
entry: [double]
limits: {wall_s: 2.5, cpu_s: 3}
forbid: [torch.mul]
misconceptions:
  squared: You squared it.
---

Write `double(x)`.

```python
### not a section
double(2)
```

### Hint

Think of `x + x`.

### Hint

Or of `2 * x`.

### Solution

`2 * x`

### Mistakes

Squaring.
"""

CHECKS = '''\
"""Checks of double."""
import torch
from graders import check, observe


@check(points=2)
def value(solution, draw):
    """It is twice
    the number."""
    return solution.double(draw.number(1.0, 2.0))


@check(points=3, hidden=True, after=(value,), tolerance=1e-3, devices=["cpu"])
def secret(solution, draw):
    """Something else."""
    return solution.double(draw.number(-2.0, -1.0))


@check
def negative(solution, draw):
    """Negative ones too."""
    return solution.double(draw.number(-2.0, -1.0))


def no_check(solution, draw):
    return None
'''

JUDGED = '''\
from graders import check, judges


def fits(expected, got):
    return got


@check(judge=fits, limits={"wall_s": 0.5})
def value(solution, draw):
    """It is twice the number."""
    return solution.double(1.0)


@check(hidden=True, judge=judges.error_at_most(1.5, absolute=1e-3))
def error(solution, draw):
    """It errs little."""
    return {"predictions": solution.double(1.0), "targets": 2.0}


@check(tolerance=0.1, judge=judges.in_any_order())
def order(solution, draw):
    """It gives both."""
    return [solution.double(1.0), solution.double(2.0)]
'''

FILES = {
    "exercise.md": EXERCISE,
    "starter.py": "def double(x):\n    return x\n",
    "reference.py": "def double(x):\n    return 2 * x  # the secret of the reference\n",
    "checks.py": CHECKS,
    "submissions/accepted/sum.py": "def double(x):\n    return x + x\n",
    "submissions/wrong/square.py": "# caught by: value, negative; misconception: squared\n",
    "submissions/runtime_error/none.py": "# caught by: value\n",
    "submissions/time_limit/loop.py": "while True:\n    pass\n",
}


JUDGED_FILES = {
    "checks.py": JUDGED,
    "submissions/wrong/square.py": None,
    "submissions/runtime_error/none.py": None,
}


def make_folder(tmp_path, changes=None):
    """Write an exercise; `changes` maps a file to its text, or to (old, new), or to None."""
    folder = tmp_path / "arithmetic" / "doubling"
    for name, text in FILES.items():
        write(folder / name, text)
    for name, change in (changes or {}).items():
        if change is None:
            (folder / name).unlink()
        elif isinstance(change, tuple):
            assert change[0] in FILES[name]
            write(folder / name, FILES[name].replace(*change, 1))
        else:
            write(folder / name, change)
    return folder


def write(path, text):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text if isinstance(text, bytes) else text.encode())


def test_a_sound_folder_is_read(tmp_path):
    exercise = load_exercise(make_folder(tmp_path))
    assert exercise.key == "arithmetic/doubling"
    assert (exercise.title, exercise.difficulty) == ("Double it", 3)
    assert exercise.limits == Limits(wall_s=2.5, cpu_s=3)
    assert exercise.devices == ("cpu",)
    assert exercise.forbid == ("torch.mul",)
    assert exercise.statement.startswith("Write `double(x)`.")
    assert "### not a section" in exercise.statement
    assert exercise.hints == ("Think of `x + x`.", "Or of `2 * x`.")
    assert (exercise.solution, exercise.mistakes) == ("`2 * x`", "Squaring.")


def test_checks_are_read_from_the_syntax_tree_hidden_ones_last(tmp_path):
    exercise = load_exercise(make_folder(tmp_path))
    value, negative, secret = exercise.checks
    assert (value.name, value.points, value.sentence) == ("value", 2.0, "It is twice the number.")
    assert (negative.points, negative.hidden, negative.after) == (1.0, False, ())
    assert (secret.hidden, secret.after, secret.tolerance) == (True, ("value",), 1e-3)
    assert (secret.runs_on("cpu"), secret.runs_on("cuda")) == (True, False)
    assert exercise.get_check("secret") is secret
    with pytest.raises(KeyError):
        exercise.get_check("no_check")


def test_a_hidden_check_is_not_in_what_is_sent_with_the_visible_ones(tmp_path):
    exercise = load_exercise(make_folder(tmp_path))
    assert "secret" not in exercise.checks_source
    assert "Something else" not in exercise.checks_source
    lines = exercise.checks_source.splitlines()
    assert lines[19] == CHECKS.splitlines()[19] == "def negative(solution, draw):"
    assert "@check" not in exercise.checks_source
    hidden = exercise.get_check("secret")
    assert hidden.source.splitlines()[hidden.line - 1] == "def secret(solution, draw):"
    assert "@check" not in hidden.source


def test_what_is_said_beside_a_hidden_check_is_not_sent_either(tmp_path):
    checks = CHECKS.replace("@check(points=3", "# The trap: numbers below zero.\n\n@check(points=3")
    checks = checks.replace("import torch", "import torch\n\f")
    exercise = load_exercise(make_folder(tmp_path, {"checks.py": checks}))
    assert "trap" not in exercise.checks_source
    assert "def secret" not in exercise.checks_source
    assert "def no_check" in exercise.checks_source
    assert exercise.get_check("secret").source.strip().startswith("def secret")


def test_a_check_may_name_its_judge_and_its_own_time(tmp_path):
    exercise = load_exercise(make_folder(tmp_path, JUDGED_FILES))
    value, order, error = exercise.checks
    assert (value.judge.name, value.judge.is_own, value.judge.line) == ("fits", True, 4)
    assert value.judge.source.splitlines()[3] == "def fits(expected, got):"
    assert value.limits(exercise.limits) == Limits(wall_s=0.5, cpu_s=3)
    assert (error.judge.name, error.judge.is_own) == ("error_at_most", False)
    assert error.judge.arguments == {"factor": 1.5, "absolute": 1e-3}
    assert error.limits(exercise.limits) == exercise.limits
    assert (order.judge.name, order.judge.arguments, order.tolerance) == ("in_any_order", {}, 0.1)


def test_no_jail_is_told_how_a_check_is_judged(tmp_path):
    exercise = load_exercise(make_folder(tmp_path, JUDGED_FILES))
    lines = exercise.checks_source.splitlines()
    assert lines[0] == "from graders import check, judges"
    assert lines[8] == "def value(solution, draw):"
    assert "fits" not in exercise.checks_source
    assert "in_any_order" not in exercise.checks_source


def test_submissions_know_their_verdict_and_who_catches_them(tmp_path):
    found = {
        sample.path.name: sample for sample in load_exercise(make_folder(tmp_path)).submissions
    }
    assert found["sum.py"].verdict is Verdict.ACCEPTED
    assert found["sum.py"].caught_by is None
    assert found["square.py"].caught_by == {"value", "negative"}
    assert found["square.py"].misconception == "squared"
    assert found["loop.py"].verdict is Verdict.TIME_LIMIT


def test_an_author_s_code_is_not_run(tmp_path):
    checks = CHECKS.replace("import torch", "raise SystemExit('ran')")
    assert load_exercise(make_folder(tmp_path, {"checks.py": checks})).checks


def test_the_repr_shows_no_answer(tmp_path):
    shown = repr(load_exercise(make_folder(tmp_path)))
    for secret in ("the secret of the reference", "Squaring.", "solution.double", "return x + x"):
        assert secret not in shown


@pytest.mark.parametrize("name", ["exercise.md", "starter.py", "reference.py", "checks.py"])
def test_the_hash_changes_with_each_of_the_four_files(tmp_path, name):
    before = load_exercise(make_folder(tmp_path)).hash
    after = load_exercise(make_folder(tmp_path, {name: FILES[name] + "\n"})).hash
    assert before != after


def test_the_hash_does_not_depend_on_the_place_or_on_the_samples(tmp_path):
    here = load_exercise(make_folder(tmp_path / "here")).hash
    there = make_folder(tmp_path / "there", {"submissions/accepted/sum.py": None})
    assert load_exercise(there).hash == here


@pytest.mark.parametrize(
    ("changes", "place", "words"),
    [
        ({"starter.py": None}, "starter.py", "missing"),
        ({"checks.py": b"\xff"}, "checks.py", "UTF-8"),
        ({"exercise.md": "no front matter"}, "exercise.md:1", "must start with"),
        ({"exercise.md": "---\nid: x\n"}, "exercise.md:1", "not closed"),
        ({"exercise.md": ("entry: [double]", "entry: [double")}, "exercise.md:9", "YAML"),
        ({"exercise.md": ("tags: [", "title: again\ntags: [")}, "exercise.md:7", "given twice"),
        ({"exercise.md": ("id: doubling", "id: &a doubling")}, "exercise.md:3", "anchors"),
        ({"exercise.md": ("entry:", "entries:")}, "exercise.md:8", "did you mean entry?"),
        ({"exercise.md": ("entry: [double]\n", "")}, "exercise.md:1", "lacks entry"),
        ({"exercise.md": ("format: 1", "format: 2")}, "exercise.md:2", "format 2"),
        ({"exercise.md": ("id: doubling", "id: other")}, "exercise.md:3", "folder's name"),
        ({"exercise.md": ("lesson: arithmetic", "lesson: x")}, "exercise.md:5", "folder above"),
        ({"exercise.md": ("difficulty: 3", "difficulty: 9")}, "exercise.md:6", "1 to 5"),
        ({"exercise.md": ("difficulty: 3", "difficulty: [1]")}, "exercise.md:6", "single value"),
        ({"exercise.md": ("[double]", "[not a name]")}, "exercise.md:8", "no Python name"),
        ({"exercise.md": ("[double]", "[triple]")}, "reference.py:1", "defines no triple"),
        ({"exercise.md": ("wall_s: 2.5", "wall: 2")}, "exercise.md:9", "unknown limit wall"),
        ({"exercise.md": ("wall_s: 2.5", "wall_s: soon")}, "exercise.md:9", "a number"),
        ({"exercise.md": ("wall_s: 2.5", "wall_s: nan")}, "exercise.md:9", "above 0"),
        ({"exercise.md": ("cpu_s: 3", "cpu_s: 1.5")}, "exercise.md:9", "a number"),
        ({"exercise.md": ("cpu_s: 3", "cpu_s: -1")}, "exercise.md:9", "above 0"),
        ({"exercise.md": ("forbid:", "devices: [gpu]\nforbid:")}, "exercise.md:10", "device gpu"),
        ({"exercise.md": ("### Solution", "### Answer")}, "exercise.md:30", "'Answer'"),
        ({"exercise.md": ("### Mistakes", "### Solution")}, "exercise.md:34", "given twice"),
        ({"exercise.md": ("Squaring.\n", "\n")}, "exercise.md:34", "Mistakes is empty"),
        ({"exercise.md": ("Or of `2 * x`.\n", "```\ncode\n")}, "exercise.md:28", "not closed"),
        (
            {"exercise.md": EXERCISE.split("Write", maxsplit=1)[0]},
            "exercise.md:14",
            "statement is empty",
        ),
        ({"reference.py": "def double(x:\n"}, "reference.py:1", "syntax error"),
        ({"checks.py": ("import torch", "import")}, "checks.py:2", "syntax error"),
        ({"checks.py": "x = 1\n"}, "checks.py:1", "no check is worth"),
        ({"checks.py": ("points=2", "points='2'")}, "checks.py:6", "not negative"),
        ({"checks.py": ("points=2", "points=two")}, "checks.py:6", "not negative"),
        ({"checks.py": ("points=2", "points=-1")}, "checks.py:6", "not negative"),
        ({"checks.py": ("points=2", "marks=2")}, "checks.py:6", "no setting marks"),
        ({"checks.py": ("points=2", "2")}, "checks.py:6", "keywords only"),
        ({"checks.py": ("points=2", "structural=1")}, "checks.py:6", "True or False"),
        ({"checks.py": ('["cpu"]', '["gpu"]')}, "checks.py:13", "some of cpu, cuda"),
        ({"checks.py": ("(value,)", "('value',)")}, "checks.py:13", "a check of this file"),
        ({"checks.py": ("(value,)", "negative")}, "checks.py:13", "no check above"),
        (
            {"checks.py": ("@check\ndef neg", "@check(after=secret)\ndef neg")},
            "checks.py:19",
            "last",
        ),
        ({"checks.py": ("def negative", "def value")}, "checks.py:20", "already"),
        (
            {"checks.py": ("def value(solution, draw)", "def value(solution)")},
            "checks.py:7",
            "draw",
        ),
        ({"checks.py": ('    """Negative ones too."""\n', "")}, "checks.py:20", "docstring"),
        ({"checks.py": ("points=2", "limits={'cpu_s': 2}")}, "checks.py:6", "in exercise.md"),
        ({"checks.py": ("points=2", "limits={'wall_s': 2, 'cpu_s': 2}")}, "checks.py:6", "wall_s"),
        ({"checks.py": ("points=2", "limits={'wall_s': 0}")}, "checks.py:6", "above 0"),
        ({"checks.py": ("points=2", "limits={'wall_s': 301}")}, "checks.py:6", "at most 300"),
        ({"checks.py": ("points=2", "limits={'wall_s': True}")}, "checks.py:6", "seconds"),
        ({"checks.py": ("points=2", "limits=4")}, "checks.py:6", "seconds"),
        ({"checks.py": ("points=2", "judge='close'")}, "checks.py:6", "judges has close"),
        ({"checks.py": ("points=2", "judge=at_most(2)")}, "checks.py:6", "judges.at_least(0.9)"),
        ({"checks.py": ("points=2", "judge=judges.exact()")}, "checks.py:6", "judges.at_most"),
        ({"checks.py": ("points=2", "judge=judges.close()")}, "checks.py:6", "above 0"),
        ({"checks.py": ("points=2", "judge=judges.close(0)")}, "checks.py:6", "relative above 0"),
        ({"checks.py": ("points=2", "judge=judges.close(x)")}, "checks.py:6", "literal number"),
        ({"checks.py": ("points=2", "judge=judges.at_most(1, 2)")}, "checks.py:6", "factor=1)"),
        ({"checks.py": ("points=2", "judge=judges.at_most(1, factor=2)")}, "checks.py:6", "once"),
        ({"checks.py": ("points=2", "judge=judges.at_most(far=2)")}, "checks.py:6", "without far"),
        ({"checks.py": ("points=2", "judge=judges.at_most(**x)")}, "checks.py:6", "factor=1)"),
        (
            {"checks.py": ("points=2", "judge=judges.accuracy_at_least()")},
            "checks.py:6",
            "judges.accuracy_at_least(share)",
        ),
        (
            {"checks.py": ("points=2", "judge=judges.accuracy_at_least(1.5)")},
            "checks.py:6",
            "at most 1",
        ),
        (
            {"checks.py": ("points=2", "tolerance=1, judge=judges.at_most()")},
            "checks.py:6",
            "leave it out",
        ),
        ({"checks.py": ("points=2", "judge=nobody")}, "checks.py:6", "no such function"),
        ({"checks.py": ("points=2", "judge=no_check")}, "checks.py:25", "(expected, got)"),
        (
            {**JUDGED_FILES, "checks.py": JUDGED.replace("return got", "return fits(got)")},
            "checks.py:5",
            "do not",
        ),
        (
            {**JUDGED_FILES, "checks.py": JUDGED.replace("(1.0)", "(fits)")},
            "checks.py:11",
            "do not use it",
        ),
        ({"submissions/oops/a.py": ""}, "a.py", "the folder oops is no verdict"),
        ({"submissions/skipped/a.py": ""}, "a.py", "there are syntax_error, forbidden, time_limit"),
        ({"exercise.md": ("### Solution", "### Hints")}, "exercise.md:30", "did you mean Hint?"),
        ({"checks.py": ("points=2", "points=1+1")}, "checks.py:6", "a literal number that is not"),
        (
            {"checks.py": ("points=2", "devices='cuda'")},
            "checks.py:7",
            "say `devices: [cpu, cuda]` in exercise.md",
        ),
        (
            {
                "exercise.md": ("forbid:", "devices: [cpu, cuda]\nforbid:"),
                "checks.py": ("points=2", "devices='cuda'"),
            },
            "checks.py:14",
            "secret waits for value, which is not made on cpu",
        ),
        ({"submissions/wrong/square.py": "x = 1\n"}, "square.py:1", "the first line must say"),
        ({"submissions/wrong/square.py": "# caught by: nobody"}, "square.py:1", "no check nobody"),
        (
            {"submissions/wrong/square.py": "# caught by: value; misconception: odd\n"},
            "square.py:1",
            "no misconception odd",
        ),
    ],
)
def test_each_fault_is_told_with_file_and_line(tmp_path, changes, place, words):
    with pytest.raises(ExerciseError) as caught:
        load_exercise(make_folder(tmp_path, changes))
    error = caught.value
    told = error.path.name if error.line is None else f"{error.path.name}:{error.line}"
    assert told == place
    assert words in error.message


def test_exercises_are_listed_by_lesson(tmp_path):
    for name in ("b/two", "a/one", "a/_draft", ".git/x", "a/.hidden"):
        (tmp_path / name).mkdir(parents=True)
    (tmp_path / "a" / "file.md").touch()
    assert [path.relative_to(tmp_path).as_posix() for path in list_exercises(tmp_path)] == [
        "a/one",
        "b/two",
    ]
    assert list_exercises(tmp_path / "nowhere") == ()


def test_the_first_fault_of_each_file_is_told_at_once(tmp_path):
    changes = {
        "exercise.md": ("id: doubling", "id: other"),
        "checks.py": ("points=2", "marks=2"),
        "reference.py": "def double(x:\n",
    }
    with pytest.raises(ExerciseError) as caught:
        load_exercise(make_folder(tmp_path, changes))
    first, second, third = str(caught.value).splitlines()
    assert "exercise.md:3: id must be" in first
    assert "checks.py:6: check has no setting marks" in second
    assert "reference.py:1: syntax error" in third


def test_all_keys_and_all_submissions_at_fault_are_told(tmp_path):
    keys = {"exercise.md": ("title: Double it", "titel: Double it\nlevel: 3")}
    with pytest.raises(ExerciseError, match=r"(?s)titel.*exercise.md:5: unknown key level.*lacks"):
        load_exercise(make_folder(tmp_path / "keys", keys))
    samples = {"submissions/wrong/a.py": "x\n", "submissions/wrong/b.py": "x\n"}
    with pytest.raises(ExerciseError, match=r"(?s)a.py:1: the first line.*b.py:1: the first line"):
        load_exercise(make_folder(tmp_path / "samples", samples))
