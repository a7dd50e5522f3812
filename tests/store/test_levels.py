"""What a server grades at, given what the machine can contain."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from quizzer.errors import GradingUnavailableError
from quizzer.services import submitting


@pytest.fixture
def machine(monkeypatch):
    def find(level, *remedies):
        diagnosis = SimpleNamespace(level=level, remedies=remedies)
        monkeypatch.setattr(submitting, "diagnose", lambda: diagnosis)

    return find


@pytest.mark.parametrize("level", ["A", "A-", "B"])
@pytest.mark.parametrize("allowed", [None, "B", "C", "nonsense"])
def test_well_contained_is_always_good_enough(machine, level, allowed):
    machine(level)
    assert submitting.choose_level(allowed) == level


@pytest.mark.parametrize("level", ["B0", "C"])
def test_less_has_to_be_accepted_by_the_operator(machine, level):
    machine(level, "install bubblewrap", "something else")
    with pytest.raises(GradingUnavailableError, match="install bubblewrap") as refusal:
        submitting.choose_level(None)
    assert "\n" not in str(refusal.value)
    assert submitting.choose_level("C") == level


@pytest.mark.parametrize("allowed", [None, "C", "none"])
def test_nothing_is_graded_without_any_containment(machine, allowed):
    machine("none")
    with pytest.raises(GradingUnavailableError, match="graders doctor"):
        submitting.choose_level(allowed)


@pytest.mark.parametrize("allowed", ["A", "A-"])
def test_an_operator_may_ask_for_more(machine, allowed):
    machine("B")
    with pytest.raises(GradingUnavailableError):
        submitting.choose_level(allowed)
