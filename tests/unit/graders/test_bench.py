"""Figures of the benchmark: whether a goal is reached, and how they are written."""

import json

import pytest

from graders.bench.figures import Figure, Section, render_json, render_text


@pytest.mark.parametrize(
    ("goal", "value", "reached"),
    [
        ("<= 2.5", 2.5, True),
        ("<= 2.5", 2.51, False),
        ("< 1", 1.0, False),
        (">= 350", 350.0, True),
        (">= 350", 349.0, False),
        ("", 7.0, True),
    ],
)
def test_a_goal_is_compared_as_it_is_written(goal, value, reached):
    assert Figure(name="x", value=value, unit="ms", goal=goal).is_reached is reached


def test_text_marks_what_is_not_reached():
    figures = (
        Figure(name="small", value=3.0, unit="x bare", goal="<= 2.5"),
        Figure(name="middle", value=1.0, unit="x bare", goal="<= 1.25"),
        Figure(name="bare", value=412.4, unit="ms"),
    )
    text = render_text([Section(title="Times", figures=figures, note="Quiet.")])
    assert [line.split() for line in text.splitlines()] == [
        ["Times"],
        ["small", "3.00", "x", "bare", "✗", "goal", "<=", "2.5"],
        ["middle", "1.00", "x", "bare", "✓", "goal", "<=", "1.25"],
        ["bare", "412", "ms"],
        ["Quiet."],
    ]


def test_json_holds_the_machine_and_every_figure():
    section = Section(title="Times", figures=(Figure(name="bare", value=0.5, unit="ms"),))
    told = json.loads(render_json({"cores": 2}, [section]))
    assert told["cores"] == 2
    assert told["sections"][0]["figures"] == [
        {"name": "bare", "value": 0.5, "unit": "ms", "goal": ""}
    ]
