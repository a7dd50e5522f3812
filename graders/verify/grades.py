"""What proving asks of a grader, and how one source fares under several seeds."""

from __future__ import annotations

from typing import Protocol

from graders.exercise import CheckSpec, Exercise
from graders.model import Report, Verdict
from graders.runner import Expectation

SEEDS = (1, 2, 3)
"""What is caught by luck must not count as caught, so each known mistake is tried with these."""


class Grades(Protocol):
    """What is needed of a grader. It must bear to be asked from several threads."""

    def grade(self, exercise: Exercise, source: bytes, *, seed: int | None = None) -> Report:
        """Grade one submission."""

    def observe_reference(self, exercise: Exercise, check: CheckSpec, *, seed: int) -> Expectation:
        """Return what the reference shows in one check."""


def is_same_for_every_seed(report: Report) -> bool:
    """Whether no other seed could give another verdict: nothing was passed, or time ran out.

    A submission that runs into its time limit takes that long every time.
    """
    passed = any(result.verdict is Verdict.ACCEPTED for result in report.checks)
    return report.verdict is Verdict.TIME_LIMIT or not passed


def is_graded(report: Report) -> bool:
    """Whether the report says something of the submission, not of the author or this machine."""
    return report.verdict.counts_as_try
