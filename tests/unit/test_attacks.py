"""docs/attacks.md cannot lie: the tests that it names exist, and no attack is left out of it."""

from __future__ import annotations

import ast
import re
from pathlib import Path

from graders.facade import list_exercises, load_exercise

ROOT = Path(__file__).resolve().parents[2]
TABLE = (ROOT / "docs" / "attacks.md").read_text()
# The files that hold attacks and nothing else: every test of theirs stands in the table.
SUITE = ("files", "network", "processes", "resources", "leftovers", "victims", "frames", "forgery")


def list_tests(path: Path) -> set[str]:
    tree = ast.parse(path.read_text())
    functions = (node for node in tree.body if isinstance(node, ast.FunctionDef))
    return {f"{path.stem}::{node.name}" for node in functions if node.name.startswith("test_")}


def list_named() -> set[str]:
    return set(re.findall(r"`(test_\w+::test_\w+)`", TABLE))


def find_file(stem: str) -> list[Path]:
    return list((ROOT / "tests").rglob(f"{stem}.py"))


def test_every_test_that_is_named_exists() -> None:
    named = list_named()
    files = {path for name in named for path in find_file(name.partition("::")[0])}
    existing = set().union(*map(list_tests, files))
    assert len(named) > 60
    assert named - existing == set()


def test_every_file_that_is_named_exists() -> None:
    stems = set(re.findall(r"`(test_\w+)`", TABLE))
    assert [stem for stem in sorted(stems) if not find_file(stem)] == []


def test_every_attack_stands_in_the_table() -> None:
    suite = [ROOT / "tests" / "sandbox" / f"test_{name}.py" for name in (*SUITE, "attacks_at_b0")]
    suite.append(ROOT / "tests" / "unit" / "graders" / "test_wire_fuzz.py")
    tests = set().union(*map(list_tests, suite))
    assert tests - list_named() == set()


def test_as_many_frames_are_forged_as_the_table_says() -> None:
    tree = ast.parse((ROOT / "tests" / "sandbox" / "test_frames.py").read_text())
    forgeries = next(
        node.value
        for node in tree.body
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "FORGERIES"
    )
    assert isinstance(forgeries, ast.Dict)
    assert f"{len(forgeries.keys)} forged frames" in TABLE


def test_no_exercise_asks_for_a_bound_that_could_be_claimed() -> None:
    checks = (ROOT / "exercises").glob("*/*/checks.py")
    assert [
        path for path in checks if re.search(r"judges\.at_(most|least)", path.read_text())
    ] == []


NUMBERS = {12: "twelve", 13: "thirteen", 14: "fourteen", 15: "fifteen", 16: "sixteen"}


def test_what_can_be_claimed_is_as_the_table_says() -> None:
    exercises = [load_exercise(folder) for folder in list_exercises(ROOT / "exercises")]
    claimable = {
        exercise.key.rpartition("/")[2]: (
            sum(spec.points for spec in exercise.checks if spec.structural),
            sum(spec.points for spec in exercise.checks),
        )
        for exercise in exercises
        if any(spec.structural for spec in exercise.checks)
    }
    said = re.search(
        r"Of the (\w+) exercises here only `([\w-]+)` has one, for (\d+) of its (\d+) points", TABLE
    )
    assert said is not None
    number, name, points, total = said.groups()
    assert number == NUMBERS[len(exercises)]
    assert claimable == {name: (int(points), int(total))}
