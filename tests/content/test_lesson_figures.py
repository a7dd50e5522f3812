"""Every figure that a lesson shows comes from a run: the numbers it quotes and the pictures.

A lesson or bank names its runs, `runs/<name>.py` or `<lesson>/runs/<name>.py`. Whatever one prints
stands word for word in a text that names it, and the pictures that it draws when it is handed a
folder are those that lie beside the lesson: so neither can change without the other.
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
TEXTS = {path: path.read_text(encoding="utf-8") for path in sorted(QUESTIONS.glob("*/*.md"))}
# The runs behind the sliders print nothing that is quoted: see test_traces.py.
RUNS = sorted(set(QUESTIONS.glob("*/runs/*.py")) - set(QUESTIONS.glob("*/runs/traces.py")))
PICTURES = sorted(QUESTIONS.glob("*/*.svg"))
NAMED = re.compile(r"`(?:([a-z][a-z0-9-]*)/)?(runs/\w+\.py)`")
SHOWN = re.compile(r"!\[[^\]]+\]\(([\w-]+\.svg)\)")
TABLE = re.compile(r"(?m)^\|[-|: ]+\|\n((?:\|.*\n)+)")
NUMBER = re.compile(r"\d+(?:\.\d+)?")
DESCRIBED = re.compile(r"!\[([^\]]+)\]\([\w-]+\.svg\)")
SECTION = re.compile(r"(?m)^#{1,3} ")
ONE_STEP = 0.11  # a coordinate has one decimal, and the last one may round either way elsewhere


def find_named(path):
    """The runs that a text names, each with the path that it should have."""
    return {
        QUESTIONS / (folder or path.parent.name) / name
        for folder, name in NAMED.findall(TEXTS[path])
    }


def measure(path, folder):
    """Run a script as a reader would, on one core; its pictures go into the folder."""
    folder.mkdir(parents=True)
    return subprocess.run(
        [sys.executable, "-I", str(path), str(folder)],
        capture_output=True,
        check=False,
        encoding="utf-8",
        env={**os.environ, "OMP_NUM_THREADS": "1"},
        timeout=240,
    )


@pytest.fixture(scope="module")
def drawn(tmp_path_factory):
    """A folder for the pictures of all runs, in a subfolder per lesson and run."""
    return tmp_path_factory.mktemp("pictures")


@pytest.fixture(scope="module")
def printed(drawn):
    """The lines that each run prints."""
    folders = [drawn / path.parents[1].name / path.stem for path in RUNS]
    with ThreadPoolExecutor(2) as pool:
        outcomes = dict(zip(RUNS, pool.map(measure, RUNS, folders), strict=True))
    for path, outcome in outcomes.items():
        assert outcome.returncode == 0, f"{path}: {outcome.stderr}"
    return {path: outcome.stdout.splitlines() for path, outcome in outcomes.items()}


def name_of(path):
    return path.relative_to(QUESTIONS).as_posix()


def test_runs_and_lessons_know_each_other():
    named = set().union(*map(find_named, TEXTS))
    assert named == set(RUNS)
    assert all(run in find_named(run.parents[1] / "lesson.md") for run in RUNS)


def test_every_picture_is_shown_and_every_shown_one_is_there():
    shown = {path.parent / name for path, text in TEXTS.items() for name in SHOWN.findall(text)}
    assert shown == set(PICTURES)


def test_what_a_picture_shows_can_be_read_without_seeing_it():
    lessons = [section for path in LESSONS for section in SECTION.split(TEXTS[path])]
    assert [
        section for section in lessons if SHOWN.search(section) if not TABLE.search(section)
    ] == []
    # In a question a table would read the picture for everybody: there its description has figures.
    items = "".join(text for path, text in TEXTS.items() if path not in LESSONS)
    described = DESCRIBED.findall(items)
    assert described
    assert [words for words in described if len(NUMBER.findall(words)) < 4] == []


@pytest.mark.timeout(300)
@pytest.mark.parametrize("run", RUNS, ids=name_of)
def test_a_run_prints_what_the_lessons_quote(run, printed):
    texts = [text for path, text in TEXTS.items() if run in find_named(path)]
    assert printed[run]
    assert [line for line in printed[run] if not any(line in text for text in texts)] == []


@pytest.mark.timeout(300)
@pytest.mark.parametrize("text", [path for path in TEXTS if find_named(path)], ids=name_of)
def test_a_table_of_figures_comes_from_a_run(text, printed):
    rows = "".join(TABLE.findall(TEXTS[text])).splitlines()
    known = {line for run in find_named(text) for line in printed[run]}
    assert rows or text not in LESSONS
    assert [row for row in rows if re.search(r"\d", row) and row not in known] == []


@pytest.mark.timeout(300)
def test_every_picture_is_drawn_by_one_run(printed, drawn):
    made = [f"{path.parents[1].name}/{path.name}" for path in drawn.glob("*/*/*.svg")]
    assert printed
    assert sorted(made) == [name_of(path) for path in PICTURES]


@pytest.mark.timeout(300)
@pytest.mark.parametrize("picture", PICTURES, ids=name_of)
def test_a_picture_shows_what_its_run_measures(picture, printed, drawn):
    (again,) = drawn.glob(f"{picture.parent.name}/*/{picture.name}")
    assert printed
    assert differ(picture.read_text(encoding="utf-8"), again.read_text(encoding="utf-8")) == ""


def differ(kept, again):
    """Where two pictures part: in words, or by more than one step of a coordinate's last digit."""
    if NUMBER.sub("#", kept) != NUMBER.sub("#", again):
        return "other words, or other shapes"
    pairs = zip(NUMBER.findall(kept), NUMBER.findall(again), strict=True)
    moved = [(old, new) for old, new in pairs if abs(float(old) - float(new)) > ONE_STEP]
    return f"moved: {moved[:3]}" if moved else ""


@pytest.mark.parametrize(
    ("again", "told"),
    [
        ('<path d="M1 2.1"/>5 %', ""),
        ('<path d="M1 2.3"/>5 %', "moved"),
        ('<path d="M1 2 3"/>5 %', "other"),
        ('<path d="M1 2"/>6 %', "moved"),
        ('<path d="M1 2"/>5 s', "other"),
    ],
)
def test_a_moved_curve_and_a_changed_word_are_noticed(again, told):
    assert differ('<path d="M1 2"/>5 %', again).startswith(told)
