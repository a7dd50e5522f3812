"""The page of runs: knobs by address, the run alone for the script, and questions that close it."""

from __future__ import annotations

import json
import re
import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import func, select

from quizzer.store.tables import AttemptRow, PresentationRow, ResponseRow
from tests.factories import make_traces

PAGE = "/lessons/canary/visualize"
BANK = """---
bank: closing
title: Closing questions
format: 1
modes: visualize
---

# Closing questions

## first: The first one

`kind: single`

Which?

- [ ] wrong
  > Not that.
- [x] right

### Hint

Look at the SECRETHINT.

### Solution

1. SECRETSOLUTION

## second: The second one

`kind: truefalse`

So?

- [x] True
- [ ] False
"""


def write_traces(folder: Path, **changes: object) -> None:
    """Write the traces of the factory as a script of a lesson would."""
    traces = make_traces()
    runs = [
        {
            name: getattr(run, name)
            for name in ("training", "new", "zeros", "small", "norm", "weights")
        }
        for run in traces.runs
    ]
    plain = ("about", "loss", "inputs", "truth", "columns", "without", "without_label", "steps")
    found: dict[str, object] = {name: getattr(traces, name) for name in plain}
    found |= {"start": traces.start, "highs": {"loss": 4, "norm": 2, "weight": 1}, "runs": runs}
    found["looks"] = [{"text": look.text, "at": look.at} for look in traces.looks]
    found["knobs"] = [
        {"name": knob.name, "label": knob.label, "values": knob.values} for knob in traces.knobs
    ]
    (folder / "traces.json").write_text(json.dumps(found | changes))


@pytest.fixture
def lesson(tmp_path: Path) -> Path:
    """The folder of a lesson that may be written to."""
    return tmp_path / "questions" / "canary"


@pytest.fixture
def settings(settings, tmp_path: Path, lesson: Path):
    shutil.copytree(settings.questions, tmp_path / "questions")
    (lesson / "closing.md").write_text(BANK)
    write_traces(lesson)
    return replace(settings, questions=tmp_path / "questions")


def summary(page: str) -> str:
    return re.search(r'id="summary">([^<]+)<', page)[1]


def test_the_page_begins_where_the_lesson_says(learner):
    page = learner.open(PAGE)
    assert "loss 0.1 on training data" in summary(page)
    assert re.search(r'name="strength" min="0" max="2" step="1" value="1"', page)
    assert page.count("<svg") >= 5
    assert page.count("<table") == 4


def test_an_address_sets_the_knobs(learner):
    page = learner.open(f"{PAGE}?kind=1&strength=2")
    assert "loss 0.5 on training data" in summary(page)
    assert re.search(r'value="2" aria-valuetext="1"', page)
    assert re.search(r'<option value="1" selected>other', page)


@pytest.mark.parametrize(
    ("query", "told"),
    [
        ("strength=3", "Strength has no value 3"),
        ("strength=-1", "must be a whole number"),
        ("strength=0.1", "must be a whole number"),
        ("kind=one", "must be a whole number"),
    ],
)
def test_a_value_that_a_knob_has_not_is_refused(learner, query, told):
    assert told in learner.open(f"{PAGE}?{query}", status=422)


def test_the_script_is_given_the_run_alone(learner):
    whole = learner.open(f"{PAGE}?strength=2")
    part = learner.open(f"{PAGE}?strength=2", **{"X-Fragment": "run"})
    assert learner.seen[-1].headers["Vary"].count("X-Fragment") == 1
    assert summary(part) == summary(whole)
    assert "<form" not in part
    assert all(f'id="{name}"' in part for name in ("summary", "first", "further"))


def test_settings_worth_a_look_are_links(learner):
    page = learner.open(PAGE)
    assert re.search(rf'<a href="{PAGE}\?kind=1&amp;strength=2">', page)


def test_looking_makes_no_guest(learner):
    learner.open(f"{PAGE}?strength=2")
    assert "Log in" in learner.page
    assert "SECRETHINT" not in learner.page


def test_the_questions_are_asked_one_by_one_and_the_knobs_stay(learner):
    learner.open(f"{PAGE}?kind=1&strength=2")
    learner.send(f"{PAGE}/questions")
    assert "The first one" in learner.page
    assert "The second one" not in learner.page
    assert "SECRET" not in learner.page

    respond = re.search(rf"{PAGE}/\d+/1/", learner.page)[0]
    learner.send(f"{respond}hint")
    assert "SECRETHINT" in learner.page
    learner.send(f"{respond}response", choice="2")  # by their texts: right, wrong
    assert "Not that." in learner.page
    assert "SECRETSOLUTION" not in learner.page
    learner.send(f"{respond}response", choice="1")
    assert "SECRETSOLUTION" in learner.page
    assert "The second one" in learner.page
    assert "loss 0.5 on training data" in summary(learner.page)

    learner.send(re.search(rf"{PAGE}/\d+/2/", learner.page)[0] + "reveal")
    assert "All 2 are done" in learner.page
    learner.send("/attempts/")
    assert learner.path.endswith("/result")

    page = learner.open(PAGE)
    assert "here is how it went" in page
    learner.send(f"{PAGE}/questions")
    assert "The first one" in learner.page


@pytest.mark.parametrize("knob", ["strength=9", "strength=soon"])
def test_what_comes_with_a_wrong_knob_is_refused_whole(learner, site, knob):
    def read_marks():
        """Return what is kept: attempts, answers, hints used and answers shown."""
        queries = (
            select(func.count(AttemptRow.id)),
            select(func.count(ResponseRow.id)),
            select(func.coalesce(func.sum(PresentationRow.hint_count), 0)),
            select(func.count()).where(PresentationRow.is_revealed),
        )
        with site.database.snapshot() as session:
            return [session.scalar(query) for query in queries]

    learner.open(PAGE)
    learner.post(f"{PAGE}/questions?{knob}", status=422)
    assert read_marks() == [0, 0, 0, 0]
    learner.open(PAGE)
    learner.send(f"{PAGE}/questions")
    question = re.search(rf"{PAGE}/\d+/1/", learner.page)[0]
    option = re.search(r'name="choice" value="([^"]+)"', learner.page)[1]
    fields = {"try_no": 1, "hint_no": 1, "choice": option}
    for act in ("response", "hint", "reveal"):
        learner.post(f"{question}{act}?{knob}", status=422, **fields)
        assert read_marks() == [1, 0, 0, 0], act
        learner.open(PAGE)
    for act in ("hint", "response"):
        learner.post(f"{question}{act}?strength=2", **fields)
    assert read_marks() == [1, 1, 1, 0]


def test_an_open_round_leads_back_to_the_page(learner):
    learner.open(PAGE)
    learner.send(f"{PAGE}/questions")
    attempt = re.search(rf"{PAGE}/(\d+)/1/", learner.page)[1]
    learner.open(f"/attempts/{attempt}")
    assert learner.path == PAGE
    page = learner.open("/lessons/canary")
    assert f'href="/attempts/{attempt}"' in page


def test_another_learners_round_is_not_found(learner, another):
    learner.open(PAGE)
    learner.send(f"{PAGE}/questions")
    attempt = re.search(rf"{PAGE}/(\d+)/1/", learner.page)[1]
    another.open(PAGE)
    another.send(f"{PAGE}/questions")
    for act in ("response", "hint", "reveal"):
        another.post(f"{PAGE}/{attempt}/1/{act}", status=404, try_no=1, hint_no=1, choice="2")
        another.open(PAGE)


def test_the_lesson_leads_to_the_page(learner):
    assert f'href="{PAGE}"' in learner.open("/lessons/canary")


def test_a_lesson_without_runs_says_so_and_asks_its_questions_elsewhere(learner, lesson):
    (lesson / "traces.json").unlink()
    assert "no runs to look at" in learner.open(PAGE, status=404)
    assert f'href="{PAGE}"' not in learner.open("/lessons/canary")
    learner.send("/lessons/canary/visualize/attempts")
    assert learner.path.startswith("/attempts/")
    assert "The first one" in learner.page


def test_a_changed_file_is_read_anew(learner, lesson):
    learner.open(PAGE)
    write_traces(lesson, about=["Run again, and otherwise."])
    assert "Run again, and otherwise." in learner.open(PAGE)


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"knobs": []}, "1 settings, but there are 6 runs"),
        ({"steps": ["soon"]}, "ValueError"),
        ({"highs": {}}, "KeyError"),
        ({"looks": [7]}, "TypeError"),
    ],
)
def test_a_file_that_cannot_be_used_is_its_authors_mistake(learner, lesson, changes, told):
    write_traces(lesson, **changes)
    page = learner.open(PAGE, status=500)
    assert "mistake of its author" in page
    assert "canary/traces.json:1: E100" in page
    assert told in page
    assert "runs/traces.py" in page
    learner.open("/lessons/canary")


def test_what_is_no_json_is_told_too(learner, lesson):
    (lesson / "traces.json").write_text("{")
    assert "canary/traces.json:1: E100" in learner.open(PAGE, status=500)
