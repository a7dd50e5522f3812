"""What a server grades at, given what the machine can contain."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from graders.facade import Level
from quizzer import serving
from quizzer.config import LEVELS
from quizzer.errors import GradingUnavailableError
from quizzer.services import levels


@pytest.fixture
def machine(monkeypatch):
    def find(level, *remedies):
        diagnosis = SimpleNamespace(level=level, remedies=remedies)
        monkeypatch.setattr(levels, "diagnose", lambda: diagnosis)

    return find


@pytest.mark.parametrize("level", ["A", "A-", "B"])
@pytest.mark.parametrize("allowed", ["B", "C"])
def test_well_contained_is_always_good_enough(machine, level, allowed):
    machine(level)
    assert levels.choose_level(allowed) == level


def test_less_has_to_be_accepted_by_the_operator(machine):
    machine("C", "install bubblewrap", "something else")
    with pytest.raises(GradingUnavailableError, match="install bubblewrap") as refusal:
        levels.choose_level("B")
    assert "\n" not in str(refusal.value)
    assert levels.choose_level("C") == "C"


def test_a_sandbox_for_each_submission_is_less_than_b_and_more_than_c(machine):
    machine("B0")
    with pytest.raises(GradingUnavailableError, match="level B0, and B is needed"):
        levels.choose_level("B")
    assert levels.choose_level("B0") == levels.choose_level("C") == "B0"
    machine("C")
    with pytest.raises(GradingUnavailableError):
        levels.choose_level("B0")


@pytest.mark.parametrize("allowed", LEVELS)
def test_nothing_is_graded_where_no_sandbox_can_be_built(machine, allowed):
    machine("none")
    with pytest.raises(GradingUnavailableError, match="graders doctor") as refusal:
        levels.choose_level(allowed)
    assert "\n" not in str(refusal.value)


def test_levels_are_the_graders_own_in_its_order():
    assert [level for level in Level if level in LEVELS] == list(LEVELS)


@pytest.mark.parametrize("allowed", ["A", "A-"])
def test_an_operator_may_ask_for_more(machine, allowed):
    machine("B")
    with pytest.raises(GradingUnavailableError):
        levels.choose_level(allowed)


@pytest.mark.parametrize(
    ("level", "allowed", "gradable", "told"),
    [
        ("A", "C", True, ""),
        ("C", "C", True, "your own code"),
        ("C", "B", False, "kept, not graded"),
    ],
)
def test_the_server_says_how_weakly_it_contains(machine, level, allowed, gradable, told):
    machine(level)
    warnings: list[str] = []
    settings = SimpleNamespace(allow_level=allowed)
    assert serving.is_gradable(settings, warn=warnings.append) is gradable
    assert told in "".join(warnings)
    assert len(warnings) == bool(told)
