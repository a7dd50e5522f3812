"""The runs behind the sliders: real, the same again, small, and the ones that the questions are about.

Every 25th run of a lesson is made anew by its script, and must come out as it is kept. The prelude
of the closing questions is the part of that script that trains, word for word: so what their proofs
run is what the page shows.
"""

from __future__ import annotations

import gzip
import json
import re
import subprocess
import sys
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from quizzer.banks.library import load_library
from quizzer.domain.traces import find_fault
from quizzer.services.visualizing import MODE, find_traces

QUESTIONS = Path(__file__).resolve().parents[2] / "questions"
LIBRARY = load_library(QUESTIONS)
LESSONS = sorted(path.parent.name for path in QUESTIONS.glob("*/traces.json"))
EVERY = 25  # has no factor in common with the knobs, so that each of their values has its turn
LARGEST_BYTES = 60_000  # compressed
AGAIN = """
import json, runpy, sys
made = runpy.run_path(sys.argv[1])
settings = list(made["make_settings"]())
every = int(sys.argv[2])
runs = [made["shorten_run"](made["train"](**setting)) for setting in settings[::every]]
print(json.dumps({"settings": settings, "runs": runs, "knobs": made["KNOBS"]}))
"""


def read(lesson):
    return json.loads((QUESTIONS / lesson / "traces.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def again():
    """Some of each lesson's runs, made anew; both lessons at once."""
    started = {lesson: start(lesson) for lesson in LESSONS}
    outcomes = {lesson: process.communicate(timeout=100) for lesson, process in started.items()}
    for lesson, (_, errors) in outcomes.items():
        assert started[lesson].returncode == 0, errors
    return {lesson: json.loads(printed) for lesson, (printed, _) in outcomes.items()}


def start(lesson):
    script = QUESTIONS / lesson / "runs" / "traces.py"
    return subprocess.Popen(
        [sys.executable, "-I", "-c", AGAIN, str(script), str(EVERY)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def differ(kept, made, *, slack):
    """Where two rows of numbers part by more than another machine's rounding explains."""
    return [
        (one, other)
        for one, other in zip(kept, made, strict=True)
        if (one is None) != (other is None)
        or (one is not None and abs(one - other) > slack + 0.02 * abs(one))
    ]


def test_every_lesson_has_runs():
    assert sorted(LIBRARY.lessons) == LESSONS


@pytest.mark.parametrize("lesson", LESSONS)
def test_the_knobs_are_those_of_the_script(lesson, again):
    kept = {knob["name"]: [knob["label"], knob["values"]] for knob in read(lesson)["knobs"]}
    assert kept == again[lesson]["knobs"]
    traces = find_traces(LIBRARY.lessons[lesson])
    assert find_fault(traces) == ""
    for at, setting in enumerate(again[lesson]["settings"]):
        values = zip(traces.knobs, setting.values(), strict=True)
        found = tuple(knob.values.index(value) for knob, value in values)
        assert traces.get_run(found) is traces.runs[at]


@pytest.mark.parametrize("lesson", LESSONS)
def test_runs_made_anew_come_out_as_they_are_kept(lesson, again):
    kept, made = read(lesson)["runs"][::EVERY], again[lesson]["runs"]
    tried = [
        set(values)
        for values in zip(*(s.values() for s in again[lesson]["settings"][::EVERY]), strict=True)
    ]
    assert tried == [set(values) for _, values in again[lesson]["knobs"].values()]
    for setting, old, new in zip(again[lesson]["settings"][::EVERY], kept, made, strict=True):
        assert old.keys() == new.keys()
        for name in old:
            slack = 1 if name == "small" else 0.01  # a weight may lie on either side of the bound
            assert differ(old[name], new[name], slack=slack) == [], (setting, name)


@pytest.mark.parametrize("lesson", LESSONS)
def test_the_runs_are_small_to_send_and_to_keep(lesson):
    packed = gzip.compress((QUESTIONS / lesson / "traces.json").read_bytes(), 9)
    assert len(packed) <= LARGEST_BYTES


@pytest.mark.parametrize("lesson", LESSONS)
def test_the_runs_show_what_there_is_to_see(lesson):
    runs = [run for run in find_traces(LIBRARY.lessons[lesson]).runs if not run.has_diverged]
    assert any(run.new[-1] > 1.2 * min(run.new) for run in runs)  # overfitting
    assert any(run.training[-1] > 0.5 * run.training[0] for run in runs)  # too strong a penalty
    assert len(runs) < len(find_traces(LIBRARY.lessons[lesson]).runs)  # too large a step


@pytest.mark.parametrize("lesson", LESSONS)
def test_three_questions_close_them_on_the_very_same_runs(lesson):
    items = LIBRARY.list_items(lesson, MODE)
    assert len(items) == 3
    (bank,) = {item.bank for item in items}
    script = (QUESTIONS / lesson / "runs" / "traces.py").read_text(encoding="utf-8")
    assert LIBRARY.banks[bank].prelude.strip() in script
    assert all("train(" in item.verify.code for item in items)


@pytest.mark.parametrize("lesson", LESSONS)
def test_a_question_leads_to_the_setting_that_it_names(lesson):
    traces = find_traces(LIBRARY.lessons[lesson])
    for item in LIBRARY.list_items(lesson, MODE):
        address = urlsplit(re.search(r"\]\((/[^)]+)\)", item.stem.source)[1])
        assert address.path == f"/lessons/{lesson}/visualize"
        fields = parse_qs(address.query)
        assert list(fields) == [knob.name for knob in traces.knobs]
        words = [
            knob.words[int(at)] for knob, (at,) in zip(traces.knobs, fields.values(), strict=True)
        ]
        named = [word for word in words if re.search(rf"\b{re.escape(word)}\b", item.stem.source)]
        assert len(named) >= len(words) - 2, (
            item.key,
            words,
        )  # it may ask about one or two of them


@pytest.mark.parametrize(
    ("kept", "made", "parts"),
    [
        ([1.0, None], [1.01, None], 0),
        ([1.0], [1.2], 1),
        ([None], [900], 1),
        ([5], [6], 1),
    ],
)
def test_another_number_is_noticed(kept, made, parts):
    assert len(differ(kept, made, slack=0.01)) == parts
