"""What proving asks of a grader, and how one source fares under several seeds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from graders.exercise import CheckSpec, Exercise
from graders.model import CheckResult, Report, Verdict
from graders.runner import Expectation

SEEDS = (1, 2, 3)
"""What is caught by luck must not count as caught, so each known mistake is tried with these."""

_WHATEVER_THE_NUMBERS = ("AttributeError", "NameError", "TypeError", "UnboundLocalError")


class Grades(Protocol):
    """What is needed of a grader. It must bear to be asked from several threads."""

    def grade(
        self, exercise: Exercise, source: bytes, *, device: str = "cpu", seed: int | None = None
    ) -> Report:
        """Grade one submission."""

    def observe_reference(
        self, exercise: Exercise, check: CheckSpec, *, seed: int, device: str = "cpu"
    ) -> Expectation:
        """Return what the reference shows in one check."""

    def find_judges_fault(
        self, exercise: Exercise, check: CheckSpec, expected: object, *, device: str = "cpu"
    ) -> str:
        """Return why a check's own judge does not accept the reference, or empty."""


@dataclass(frozen=True, slots=True)
class OnDevice:
    """A grader that grades on one device, whatever it is asked."""

    grader: Grades
    device: str

    def grade(
        self, exercise: Exercise, source: bytes, *, device: str = "", seed: int | None = None
    ) -> Report:
        """Grade one submission."""
        return self.grader.grade(exercise, source, device=device or self.device, seed=seed)

    def observe_reference(
        self, exercise: Exercise, check: CheckSpec, *, seed: int, device: str = ""
    ) -> Expectation:
        """Return what the reference shows in one check."""
        return self.grader.observe_reference(
            exercise, check, seed=seed, device=device or self.device
        )

    def find_judges_fault(
        self, exercise: Exercise, check: CheckSpec, expected: object, *, device: str = ""
    ) -> str:
        """Return why a check's own judge does not accept the reference, or empty."""
        return self.grader.find_judges_fault(
            exercise, check, expected, device=device or self.device
        )


def needs_no_other_seed(report: Report) -> bool:
    """Whether no other seed could give another verdict.

    So it is where the time ran out (it would every time), where the file was not come to run, and
    where every check that was made ended in an error that hangs on no number.
    """
    if report.verdict is Verdict.TIME_LIMIT:
        return True
    made = [result for result in report.checks if result.verdict is not Verdict.SKIPPED]
    return report.verdict is not Verdict.ACCEPTED and all(_is_broken(result) for result in made)


def _is_broken(result: CheckResult) -> bool:
    kind = result.message.partition(":")[0]
    return result.verdict is Verdict.RUNTIME_ERROR and kind in _WHATEVER_THE_NUMBERS


def is_graded(report: Report) -> bool:
    """Whether the report says something of the submission, not of the author or this machine."""
    return report.verdict.counts_as_try
