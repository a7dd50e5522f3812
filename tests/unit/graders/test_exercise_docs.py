"""`docs/exercises.md` names what there is for authors, all of it and nothing else."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from graders.exercise.check_settings import _READERS
from graders.exercise.check_specs import parse_checks
from graders.judge import CUDA_TOLERANCES, TOLERANCES

ROOT = Path(__file__).resolve().parents[3]
DOCUMENT = ROOT / "docs" / "exercises.md"
TEXT = DOCUMENT.read_text()


def first_cells(heading):
    """Return the first cells of the table below a heading, or below some words."""
    below = TEXT.partition(heading)[2]
    table = re.search(r"^\|.*\n\|---.*\n((?:\|.*\n)+)", below, flags=re.MULTILINE)
    assert table, heading
    return [row.split("|")[1] for row in table[1].splitlines()]


@pytest.mark.parametrize(
    ("heading", "module"),
    [("### Observations", "observe"), ("### Models", "models"), ("### Judges", "judges")],
)
def test_the_tables_of_the_library_are_whole(heading, module):
    tree = ast.parse((ROOT / "graders" / "checks" / f"{module}.py").read_text())
    functions = [node for node in tree.body if isinstance(node, ast.FunctionDef)]
    public = {node.name for node in functions if not node.name.startswith("_")}
    told = re.findall(r"`(\w+)\(", " ".join(first_cells(heading)))
    assert sorted(told) == sorted(public)


def test_every_argument_of_check_is_in_the_table():
    told = re.findall(r"`(\w+)=", " ".join(first_cells("names of checks and\njudges")))
    assert sorted(told) == sorted(_READERS)


@pytest.mark.parametrize(("column", "tolerances"), [(2, TOLERANCES), (3, CUDA_TOLERANCES)])
def test_the_tolerances_are_those_of_the_judge(column, tolerances):
    rows = [line.split("|") for line in TEXT.splitlines() if re.match(r"\| b?float\d", line)]
    told = {
        dtype: tuple(float(number) for number in row[column].split(","))
        for row in rows
        for dtype in row[1].strip().split(", ")
    }
    assert told == {name: (one.relative, one.absolute) for name, one in tolerances.items()}


def test_the_checks_that_are_shown_can_be_read():
    blocks = re.findall(r"```python\n(.*?)```", TEXT, flags=re.DOTALL)
    shown = [block for block in blocks if "@check" in block]
    assert [len(parse_checks(DOCUMENT, block).checks) for block in shown] == [2, 1]
