"""Whether what the reference shows could be shown by somebody who solved nothing."""

from __future__ import annotations

from collections.abc import Sequence

from graders.exercise import CheckSpec, Exercise
from graders.judge import compare, is_guessable, judge
from graders.model import Verdict
from graders.runner import Expectation, caught_by
from graders.verify.grades import Grades
from graders.verify.threads import map_in_threads

_MOST_ALIKE = 3  # who always shows the same may pass under one in so many seeds


def check_reference(
    exercise: Exercise, grader: Grades, *, seeds: Sequence[int], jobs: int
) -> list[str]:
    """Return what is wrong with the reference or with what it shows, over all seeds.

    Args:
        exercise: whose reference it is.
        grader: what runs it.
        seeds: at least two, to tell what varies.
        jobs: how many gradings at once.
    """
    problems = []
    for spec in exercise.checks:
        seen = [grader.observe_reference(exercise, spec, seed=seed) for seed in seeds]
        faults = [expectation.fault for expectation in seen if expectation.fault]
        if faults:
            problems.append(f"{spec.name}: the reference fails: {faults[0]}")
        else:
            problems += _find_guessable(spec, seen)
    return problems or _grade_reference(exercise, grader, seeds, jobs)


def _grade_reference(
    exercise: Exercise, grader: Grades, seeds: Sequence[int], jobs: int
) -> list[str]:
    source = exercise.reference.encode()
    reports = map_in_threads(jobs, lambda seed: grader.grade(exercise, source, seed=seed), seeds)
    for report, seed in zip(reports, seeds, strict=True):
        if report.verdict is not Verdict.ACCEPTED:
            tripped = ", ".join(sorted(caught_by(report.checks))) or report.message
            return [f"reference.py: {report.verdict} with seed {seed} ({tripped})"]
    return []


def _find_guessable(spec: CheckSpec, seen: Sequence[Expectation]) -> list[str]:
    if spec.structural:
        return []
    values = [expectation.value for expectation in seen]
    if is_guessable(values[0]):
        return [f"{spec.name}: the observation is a lone bool or None, which could be guessed"]
    if all(compare(values[0], value, spec.tolerance) is None for value in values):
        message = "the observation is the same for every seed; declare it structural if it must be"
        return [f"{spec.name}: {message}"]
    alike = _count_most_alike(spec, values)
    if alike < len(values) and alike <= max(2, len(values) // _MOST_ALIKE):
        return []
    remedy = "draw more of what it depends on, or declare it structural"
    if spec.judge is not None:
        remedy = (
            "judge what it is made of (predictions, weights), draw more, or declare it structural"
        )
    message = f"one observation passes under {alike} of {len(values)} seeds, so it could be guessed"
    return [f"{spec.name}: {message}; {remedy}"]


def _count_most_alike(spec: CheckSpec, values: Sequence[object]) -> int:
    """Return under how many seeds one and the same observation passes, at the most."""
    most = 0
    covered: set[int] = set()
    for index, got in enumerate(values):
        if index not in covered:
            alike = {at for at, expected in enumerate(values) if _passes(spec, expected, got)}
            covered |= alike
            most = max(most, len(alike))
    return most


def _passes(spec: CheckSpec, expected: object, got: object) -> bool:
    if spec.judge is None or spec.judge.is_own:  # an author's judge is not run here: be strict
        return compare(expected, got, spec.tolerance) is None
    return judge(spec.judge, expected, got, spec.tolerance) is None
