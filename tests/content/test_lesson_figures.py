"""Every figure that a lesson quotes from a run is what that run prints.

A lesson names its runs, `runs/<name>.py` or `<lesson>/runs/<name>.py`; whatever one prints stands
in a lesson word for word, so neither can change without the other.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

QUESTIONS = Path(__file__).resolve().parents[2] / "questions"
LESSONS = sorted(QUESTIONS.glob("*/lesson.md"))
RUNS = sorted(QUESTIONS.glob("*/runs/*.py"))
NAMED = re.compile(r"`(?:([a-z][a-z0-9-]*)/)?(runs/\w+\.py)`")
TABLE = re.compile(r"(?m)^\|[-|: ]+\|\n((?:\|.*\n)+)")


def find_named(lesson):
    """The runs that a lesson names, each with the path that it should have."""
    text = lesson.read_text(encoding="utf-8")
    return {
        QUESTIONS / (folder or lesson.parent.name) / name for folder, name in NAMED.findall(text)
    }


def measure(path):
    """Run a script as a reader would, on one core."""
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    return subprocess.run(
        [sys.executable, "-I", str(path)],
        capture_output=True,
        check=False,
        encoding="utf-8",
        env=environment,
        timeout=100,
    )


@pytest.fixture(scope="module")
def printed():
    """The lines that each run prints."""
    with ThreadPoolExecutor(2) as pool:
        outcomes = dict(zip(RUNS, pool.map(measure, RUNS), strict=True))
    for path, outcome in outcomes.items():
        assert outcome.returncode == 0, f"{path}: {outcome.stderr}"
    return {path: outcome.stdout.splitlines() for path, outcome in outcomes.items()}


def name_of(path):
    return path.relative_to(QUESTIONS).as_posix()


def test_runs_and_lessons_know_each_other():
    named = set().union(*map(find_named, LESSONS))
    assert named == set(RUNS)
    assert all(run in find_named(run.parents[1] / "lesson.md") for run in RUNS)


@pytest.mark.timeout(300)
@pytest.mark.parametrize("run", RUNS, ids=name_of)
def test_a_run_prints_what_the_lessons_quote(run, printed):
    texts = [path.read_text(encoding="utf-8") for path in LESSONS if run in find_named(path)]
    assert printed[run]
    assert [line for line in printed[run] if not any(line in text for text in texts)] == []


@pytest.mark.timeout(300)
@pytest.mark.parametrize("lesson", LESSONS, ids=lambda path: path.parent.name)
def test_a_table_of_figures_comes_from_a_run(lesson, printed):
    rows = "".join(TABLE.findall(lesson.read_text(encoding="utf-8"))).splitlines()
    known = {line for run in find_named(lesson) for line in printed[run]}
    assert rows
    assert [row for row in rows if re.search(r"\d", row) and row not in known] == []
