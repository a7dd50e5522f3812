"""Pictures of runs: what is drawn is what was seen, and nothing leaves the paper unsaid."""

from __future__ import annotations

import math
import re
from xml.etree import ElementTree as ET

import pytest

from quizzer.web.curves import Curve, Words, draw_curves, draw_squares, draw_stems
from quizzer.web.pictures import draw_run, sum_up, write
from tests.factories import make_run, make_traces

WORDS = Words(name="loss", title="A <title>", told="It falls & falls.")
MINUS = "\N{MINUS SIGN}"


def draw(*values, high=4.0, label="new data"):
    curve = Curve(label=label, values=values, look="main")
    steps = [0, 10, 20][: len(values)]
    return str(draw_curves([curve], steps=steps, high=high, unit="error", words=WORDS))


def read_points(drawn):
    path = re.search(r'class="curve main" [^>]*d="M([^"]+)"', drawn)[1].split()
    return list(zip(map(float, path[::2]), map(float, path[1::2]), strict=True))


def test_a_picture_has_words_and_no_inline_style():
    drawn = draw(4.0, 2.0, 1.0)
    root = ET.fromstring(drawn)  # noqa: S314 - our own text
    assert root.findtext("title") == "A <title>"
    assert root.findtext("desc") == "It falls & falls."
    assert "style" not in drawn


def test_a_curve_goes_where_its_values_are():
    (_, top), (_, middle), (_, bottom) = read_points(draw(4.0, 2.0, 0.0))
    assert middle == pytest.approx((top + bottom) / 2)
    assert top < bottom


def test_the_axis_does_not_move_with_the_values():
    ticks = [
        re.findall(r'class="faint"[^>]*>([^<]+)<', draw(first, 1.0, 0.5)) for first in (4, 0.1)
    ]
    assert ticks[0] == ticks[1]
    assert {"0", "4", "20", "step", "error"} <= set(ticks[0])


def test_what_leaves_the_paper_is_cut_off_and_its_label_says_so():
    assert "new data ↑" in draw(1.0, 2.0, 900.0)
    assert "new data ↑" in draw(1.0, 900.0, None)
    assert "↑" not in draw(1.0, 900.0, 3.9)
    assert 'clip-path="url(#loss-clip)"' in draw(1.0, 2.0, 900.0)
    assert len(read_points(draw(1.0, 900.0, None))) == 2


def test_a_curve_of_nothing_is_no_curve():
    assert 'class="curve' not in draw(None, None, None)


def test_a_bar_is_as_long_as_its_weight_and_a_zero_is_a_ring():
    drawn = str(draw_stems((1.0, -0.5, 0.0), (1.0, 0.0, 0.0), high=1.0, words=WORDS))
    long, short = (float(height) for height in re.findall(r'"stem"[^>]*height="([\d.]+)"', drawn))
    assert long == pytest.approx(2 * short)
    assert drawn.count('class="nothing"') == 1
    assert drawn.count('class="true"') == 1


def test_the_area_of_a_square_is_its_weight():
    drawn = str(draw_squares((1.0, -0.25, 0.0, 40.0), columns=2, high=1.0, words=WORDS))
    cells = re.findall(r'"cell (\w+)"[^>]*width="([\d.]+)"', drawn)
    assert [sign for sign, _ in cells] == ["plus", "minus", "plus", "plus"]
    whole, quarter, nothing, beyond = (float(width) for _, width in cells)
    assert whole == pytest.approx(2 * quarter)
    assert beyond == whole
    assert 0 < nothing < 2


@pytest.mark.parametrize("columns", [None, 2])
def test_a_run_that_diverged_is_told_in_words(columns):
    gone = (1.0, None, None)
    run = make_run(training=gone, new=gone, norm=gone, weights=(None,) * 4)
    traces = make_traces(columns=columns, runs=(run,) * 6)
    pictures = draw_run(traces, (0, 1))
    assert "diverged" in sum_up(traces, (0, 1))
    assert ">diverged</text>" in pictures[1].drawn
    assert pictures[0].table.rows[-1][1:3] == ("diverged", "diverged")


def test_each_picture_has_its_numbers_beside_it():
    traces = make_traces()
    losses, weights, zeros, norm = draw_run(traces, (1, 2))
    assert losses.table.head == ("step", "training data", "new data", "new, strength 0")
    assert losses.table.rows == (
        ("0", "3", "3", "3"),
        ("10", "1", "1.5", "1.5"),
        ("20", "0.5", "2", "2"),
    )
    assert weights.table.rows[1] == ("2", f"{MINUS}0.5", f"{MINUS}1")
    assert zeros.table.rows[-1] == ("20", "1", "2")
    assert norm.table.head == ("step", "length", "strength 0")


def test_a_run_without_needs_no_other_to_compare_with():
    losses, _, _, norm = draw_run(make_traces(), (1, 0))
    assert losses.table.head == ("step", "training data", "new data")
    assert norm.table.head == ("step", "length")


def test_pixels_are_tabled_where_they_stand():
    weights = draw_run(make_traces(columns=2), (0, 0))[1]
    assert weights.table.head == ("", "1", "2")
    assert weights.table.rows == (("row 1", "1.00", f"{MINUS}0.50"), ("row 2", "0", "0.01"))


def test_a_run_is_summed_up_in_a_sentence():
    assert sum_up(make_traces(), (1, 2)) == (
        "After 20 steps: loss 0.5 on training data, 2 on new data; "
        "1 of 4 weights exactly 0, 2 nearer to 0 than 0.01."
    )


@pytest.mark.parametrize(
    ("value", "words"),
    [(None, "diverged"), (-0.12345, f"{MINUS}0.123"), (math.pi, "3.14"), (0, "0")],
)
def test_a_number_has_three_digits(value, words):
    assert write(value) == words
