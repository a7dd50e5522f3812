"""Figures: well-formed, worded, with round ticks, and the same bytes for the same values."""

from __future__ import annotations

import re
from itertools import pairwise
from xml.etree import ElementTree as ET

import pytest

from quizzer.figures import Axis, BarRow, Line, draw_bars, draw_lines, write_figure

MINUS = "\N{MINUS SIGN}"
SVG = "{http://www.w3.org/2000/svg}"


def draw(y=(4.0, 2.0, 1.0), *, label="loss", x_axis=None, y_axis=None, x=(0, 1, 2)):
    return draw_lines(
        [Line(label=label, x=x, y=y)],
        x=x_axis or Axis(label="step"),
        y=y_axis or Axis(label="loss (nats)", low=0),
        title="A <fall>",
        description="It falls & falls.",
    )


def list_words(drawn):
    root = ET.fromstring(drawn)  # noqa: S314 - our own text
    return [element.text for element in root.iter(f"{SVG}text")]


def test_a_figure_has_words_for_those_who_do_not_see_it():
    root = ET.fromstring(draw())  # noqa: S314 - our own text
    assert root.findtext(f"{SVG}title") == "A <fall>"
    assert root.findtext(f"{SVG}desc") == "It falls & falls."
    assert root.get("role") == "img"


def test_axes_have_their_units_and_round_ticks():
    assert list_words(draw()) == [
        *("0", "1", "2", "3", "4"),
        *("step", "0.0", "0.5", "1.0", "1.5", "2.0", "loss (nats)", "loss"),
    ]


@pytest.mark.parametrize(
    ("low", "high", "ticks"),
    [
        (1e-3, 1.0, ["0.001", "0.01", "0.1", "1"]),
        (1e-6, 1e6, ["10⁻⁶", "10⁻⁴", "0.01", "1", "100", "10000", "10⁶"]),
        (0.3, 0.3, ["0.1", "1"]),
    ],
)
def test_a_logarithmic_axis_has_powers_of_ten(low, high, ticks):
    drawn = draw((low, high), x=(0, 1), y_axis=Axis(label="error", is_log=True))
    assert list_words(drawn)[: len(ticks)] == ticks


def test_ticks_enclose_what_is_below_zero():
    assert list_words(draw((-0.3, 1.0), x=(0, 1)))[:4] == [MINUS + "0.5", "0.0", "0.5", "1.0"]


def test_a_flat_line_has_an_axis_too():
    assert list_words(draw((2.0, 2.0), x=(0, 1), y_axis=Axis(label="loss")))[:2] == ["2.0", "2.5"]


def test_noise_of_another_machine_changes_nothing():
    values = [0.1234567, 0.7654321, 1 / 3]
    assert draw(values) == draw([value * (1 + 1e-12) for value in values])


def test_labels_do_not_cover_each_other():
    lines = [Line(label=f"run {n}", x=[0, 1], y=[0, 1 + n / 1000]) for n in range(5)]
    axis = Axis(label="value")
    drawn = draw_lines(lines, x=axis, y=axis, title="t", description="d")
    places = sorted(
        float(found) for found in re.findall(r'class="t\d" [^>]* y="([\d.]+)">run', drawn)
    )
    assert len(places) == 5
    assert all(below - above >= 15.9 for above, below in pairwise(places))


def test_bars_start_at_zero_and_say_their_value():
    rows = [BarRow(label="Adam", values=[0.2, -0.1]), BarRow(label="AdamW", values=[0.02, 0.02])]
    axis = Axis(label="share lost")
    drawn = draw_bars(rows, series=["quiet", "loud"], axis=axis, title="t", description="d")
    words = list_words(drawn)
    assert words[:2] == ["quiet", "loud"]
    assert [word for word in words if word in {"0.20", MINUS + "0.10", "0.02"}] == [
        *("0.20", MINUS + "0.10", "0.02", "0.02")
    ]
    bars = re.findall(r'<rect class="f\d" .*x="([\d.]+)" .*width="([\d.]+)" height="14"', drawn)
    right, left = [(float(x), float(width)) for x, width in bars][:2]
    assert right[0] == pytest.approx(left[0] + left[1], abs=0.11)
    assert right[1] == pytest.approx(2 * left[1], abs=0.3)


@pytest.mark.parametrize(
    ("case", "words"),
    [
        (lambda: draw((1.0, float("nan")), x=(0, 1)), "not finite"),
        (lambda: draw((1.0, 0.0), x=(0, 1), y_axis=Axis(label="e", is_log=True)), "no place for 0"),
        (lambda: draw((1.0,), x=(0, 1)), "as many x as y"),
        (lambda: draw(label="far too long a label"), "at most 18 characters"),
        (
            lambda: draw_lines([], x=Axis(label="a"), y=Axis(label="b"), title="", description=""),
            "1 to 5",
        ),
        (
            lambda: draw_bars(
                [BarRow(label="a", values=[1])],
                series=["x", "y"],
                axis=Axis(label="v"),
                title="t",
                description="d",
            ),
            "rows of 2 values",
        ),
    ],
)
def test_what_cannot_be_drawn_is_said(case, words):
    with pytest.raises(ValueError, match=words):
        case()


def test_a_figure_is_written_only_where_a_folder_is_given(tmp_path):
    write_figure([], "curve", "<svg/>")
    assert list(tmp_path.iterdir()) == []
    write_figure([str(tmp_path)], "curve", "<svg/>")
    assert (tmp_path / "curve.svg").read_text() == "<svg/>"
