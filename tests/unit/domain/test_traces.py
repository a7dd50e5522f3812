"""Runs behind the knobs: the setting finds its run, and what does not fit together is told."""

from __future__ import annotations

from dataclasses import replace

import pytest

from quizzer.domain.traces import find_fault
from tests.factories import make_run, make_traces

TRACES = make_traces()


def test_a_setting_finds_its_run():
    found = [TRACES.get_run((kind, strength)).training for kind in (0, 1) for strength in (0, 1, 2)]
    assert found == [run.training for run in TRACES.runs]
    assert len(set(found)) == 6


def test_the_run_without_is_the_same_but_for_one_knob():
    assert TRACES.find_without((1, 2)) is TRACES.get_run((1, 0))
    assert TRACES.find_without((1, 0)) is None


def test_a_slider_is_for_numbers_and_its_words_are_short():
    kind, strength = TRACES.knobs
    assert not kind.is_range
    assert strength.is_range
    assert strength.words == ("0", "0.1", "1")


def test_a_run_has_diverged_where_no_number_is_left():
    assert not make_run().has_diverged
    assert make_run(new=(2.0, 900.0, None)).has_diverged


def test_traces_fit_together():
    assert find_fault(TRACES) == ""


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"runs": TRACES.runs[:-1]}, "6 settings, but there are 5 runs"),
        ({"without": "lr"}, "no knob `lr`"),
        ({"start": (0, 3)}, r"\[0, 3\] is no setting"),
        ({"start": (0,)}, r"\[0\] is no setting"),
        ({"start": (0, -1)}, r"\[0, -1\] is no setting"),
        ({"looks": (replace(TRACES.looks[0], at=(2, 0)),)}, r"\[2, 0\] is no setting"),
        ({"columns": 3}, "4 weights make no rows of 3"),
        ({"columns": 0}, "4 weights make no rows of 0"),
        ({"truth": (1.0,)}, "4 weights, but 1 true ones"),
        ({"steps": ()}, "must be a step"),
        ({"runs": (*TRACES.runs[:-1], make_run(norm=(1.0,)))}, "run 5 has not a number"),
        ({"runs": (*TRACES.runs[:-1], make_run(weights=(1.0,)))}, "run 5 has not a number"),
    ],
)
def test_what_does_not_fit_is_told(changes, told):
    with pytest.raises(AssertionError, match=told):
        raise AssertionError(find_fault(replace(TRACES, **changes)))
