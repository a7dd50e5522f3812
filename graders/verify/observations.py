"""Whether what the reference shows could be shown by somebody who solved nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from graders.exercise import CheckSpec, Exercise
from graders.judge import say_guessable
from graders.model import Verdict
from graders.runner import Expectation, caught_by
from graders.verify.grades import Grades
from graders.verify.places import place_in_text, place_of
from graders.verify.threads import map_in_threads

_SHOWN = 3
_TELLS_JUDGE = ": its judge "


@dataclass(frozen=True, slots=True, kw_only=True)
class Soundness:
    """What is wrong with a reference.

    Attributes:
        faults: why it does not pass its own checks; where there are any, nothing else can be
            proven.
        guessable: what it shows and others could show who solved nothing.
    """

    faults: tuple[str, ...] = ()
    guessable: tuple[str, ...] = ()


def check_reference(
    exercise: Exercise, grader: Grades, *, device: str, seeds: Sequence[int], jobs: int
) -> Soundness:
    """Return what is wrong with the reference or with what it shows, over all seeds.

    Args:
        exercise: whose reference it is.
        grader: what runs it.
        device: checks that are not made on it are left out.
        seeds: at least two, to tell what varies.
        jobs: how many gradings at once.
    """
    faults: dict[str, list[str]] = {}
    guessable: list[str] = []
    for spec in (spec for spec in exercise.checks if spec.runs_on(device)):
        seen = [grader.observe_reference(exercise, spec, seed=seed) for seed in seeds]
        fault = _find_fault(exercise, grader, spec, seen)
        if fault:
            faults.setdefault(fault, []).append(spec.name)
        else:
            guessable += _find_guessable(spec, seen)
    told = [_say_fault(fault, names) for fault, names in faults.items()]
    told = told or _grade_reference(exercise, grader, seeds, jobs)
    return Soundness(faults=tuple(told), guessable=tuple(guessable))


def _find_fault(
    exercise: Exercise, grader: Grades, spec: CheckSpec, seen: Sequence[Expectation]
) -> str:
    """Return why the reference shows nothing under some seed, or why its judge refuses it."""
    for expectation in seen:
        if expectation.is_limit:
            return f"{expectation.fault}; {_say_limit(exercise, spec)}"
        if expectation.fault:
            return expectation.fault
    if spec.judge is None or not spec.judge.is_own:
        return ""
    judged = (grader.find_judges_fault(exercise, spec, entry.value) for entry in seen)
    return next(filter(None, judged), "")


def _say_limit(exercise: Exercise, spec: CheckSpec) -> str:
    place = place_in_text(exercise, "limits")
    if spec.wall_s is not None:
        return f"raise limits= of {place_of(spec)}, or limits at {place}"
    return f"raise limits at {place}, or make it faster"


def _say_fault(fault: str, names: Sequence[str]) -> str:
    """Tell a fault once, with the checks that it is met in."""
    if _TELLS_JUDGE in fault:
        return fault
    place, _, reason = fault.partition(": ")
    shown = ", ".join(names[:_SHOWN])
    more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    return f"{place}: the reference fails in {shown}{more}: {reason}"


def _grade_reference(
    exercise: Exercise, grader: Grades, seeds: Sequence[int], jobs: int
) -> list[str]:
    source = exercise.reference.encode()
    reports = map_in_threads(jobs, lambda seed: grader.grade(exercise, source, seed=seed), seeds)
    for report, seed in zip(reports, seeds, strict=True):
        if report.verdict is not Verdict.ACCEPTED:
            tripped = ", ".join(sorted(caught_by(report.checks))) or report.message
            told = f"reference.py: {report.verdict} with seed {seed} ({tripped})"
            return [f"{told}; what it returns must hang on its arguments only"]
    return []


def _find_guessable(spec: CheckSpec, seen: Sequence[Expectation]) -> list[str]:
    told = say_guessable(spec, [expectation.value for expectation in seen])
    return [f"{place_of(spec)}: {told}"] if told else []
