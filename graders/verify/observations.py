"""Whether what the reference shows could be shown by somebody who solved nothing."""

from __future__ import annotations

from collections.abc import Sequence

from graders.exercise import CheckSpec, Exercise
from graders.judge import compare, is_guessable
from graders.model import Verdict
from graders.runner import Expectation, caught_by
from graders.verify.grades import Grades
from graders.verify.threads import map_in_threads

_MOST_ALIKE = 3  # one in so many seeds may show the same: who always shows that passes as often


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
    alike = _count_most_alike(values, spec.tolerance)
    if alike == len(values):
        message = "the observation is the same for every seed; declare it structural if it must be"
        return [f"{spec.name}: {message}"]
    if alike > max(2, len(values) // _MOST_ALIKE):
        message = (
            f"{alike} of {len(values)} seeds give the same observation, which could be guessed; "
            "draw more of what it depends on, or declare it structural"
        )
        return [f"{spec.name}: {message}"]
    return []


def _count_most_alike(values: Sequence[object], tolerance: float | None) -> int:
    """Return how many of the observations the judge would take for the same, at the most."""
    kinds: list[list[object]] = []
    for value in values:
        for kind in kinds:
            if compare(kind[0], value, tolerance) is None:
                kind.append(value)
                break
        else:
            kinds.append([value])
    return max(len(kind) for kind in kinds)
