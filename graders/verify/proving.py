"""All that is asked of one exercise before learners meet it."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from graders.exercise import Exercise
from graders.verify.grades import Grades
from graders.verify.lazy import Earned, find_free_points, grade_lazy, make_lazy
from graders.verify.matrix import CAUGHT, Row, find_useless, grade_sample, grade_starter
from graders.verify.misconceptions import (
    Fingerprint,
    find_unused,
    list_fingerprints,
    tell_ambiguous,
)
from graders.verify.mutants import make_mutants
from graders.verify.observations import check_reference
from graders.verify.survivors import Survey, count_only_catches, survey_mutants
from graders.verify.threads import map_in_threads

OnStep = Callable[[str], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Verification:
    """The outcome for one exercise; it is proven where there are no problems.

    Attributes:
        exercise: its key.
        checks: their names, in order.
        rows: the starter, then each known submission.
        lazy: what submissions that solve nothing earned.
        fingerprints: the ways to fail that are known, and the misconceptions behind them.
        survey: of the mutants; None where none were made.
        problems: everything that is not as it must be, those of rows and survey included.
        information: what the author may want to know.
    """

    exercise: str
    checks: tuple[str, ...]
    rows: tuple[Row, ...]
    lazy: tuple[Earned, ...] = ()
    fingerprints: tuple[Fingerprint, ...] = ()
    survey: Survey | None = None
    problems: tuple[str, ...] = ()
    information: tuple[str, ...] = ()


def verify(
    exercise: Exercise,
    grader: Grades,
    *,
    seeds: int = 20,
    mutants: bool = False,
    jobs: int | None = None,
    on_step: OnStep = lambda _name: None,
) -> Verification:
    """Prove that an exercise's checks accept what is right and catch what is wrong.

    The reference passes under every seed; the starter does not pass; every known submission gets
    its folder's verdict and fails exactly the checks that it names, whatever the inputs; every
    check catches at least one of them; every misconception has a submission; no observation could
    be guessed, and nobody earns points who solves nothing. With `mutants`, every small change of
    the reference is caught or explained.

    Args:
        exercise: the exercise.
        grader: what grades it, from several threads.
        seeds: how many seeds the reference is tried with, at least 2.
        mutants: whether to make mutants. None are where the reference does not pass.
        jobs: how many gradings at once; None for as many as there are processors.
        on_step: told the name of what was graded, `count_steps` times in all.
    """
    jobs = jobs or os.cpu_count() or 1
    problems = check_reference(exercise, grader, seeds=range(1, seeds + 1), jobs=jobs)
    on_step("reference.py")
    is_sound = not problems
    rows = _grade_known(exercise, grader, jobs, on_step)
    lazy = _grade_lazy(exercise, grader, jobs, on_step)
    survey = None
    if mutants and is_sound:
        survey = survey_mutants(exercise, grader, jobs=jobs, on_step=on_step)
    names = tuple(spec.name for spec in exercise.checks)
    problems += [f"{row.name}: {problem}" for row in rows for problem in row.problems]
    problems += find_useless(names, rows[1:])
    problems += find_unused(exercise.misconceptions, exercise.submissions)
    problems += find_free_points(lazy)
    problems += survey.problems if survey else ()
    fingerprints = list_fingerprints(exercise)
    information = [*_say_free(exercise, lazy), *tell_ambiguous(fingerprints)]
    return Verification(
        exercise=exercise.key,
        checks=names,
        rows=tuple(rows),
        lazy=lazy,
        fingerprints=fingerprints,
        survey=survey,
        problems=tuple(problems),
        information=(*information, *_say_only_catchers(names, rows, survey)),
    )


def count_steps(exercise: Exercise, *, mutants: bool) -> int:
    """Return how often `verify` calls `on_step`, if the reference passes."""
    made = len(make_mutants(exercise.reference)) if mutants else 0
    return 2 + len(exercise.submissions) + len(make_lazy(exercise)) + made


def _grade_known(exercise: Exercise, grader: Grades, jobs: int, on_step: OnStep) -> list[Row]:
    rows = [grade_starter(exercise, grader)]
    on_step("starter.py")
    samples = exercise.submissions
    for row in map_in_threads(jobs, lambda sample: grade_sample(exercise, grader, sample), samples):
        on_step(row.name)
        rows.append(row)
    return rows


def _grade_lazy(
    exercise: Exercise, grader: Grades, jobs: int, on_step: OnStep
) -> tuple[Earned, ...]:
    earned = []
    for entry in map_in_threads(
        jobs, lambda lazy: grade_lazy(exercise, grader, lazy), make_lazy(exercise)
    ):
        on_step(entry.name)
        earned.append(entry)
    return tuple(earned)


def _say_free(exercise: Exercise, lazy: Sequence[Earned]) -> list[str]:
    """Say how many points are structural, and how many are had for nothing."""
    possible = sum(spec.points for spec in exercise.checks)
    structural = sum(spec.points for spec in exercise.checks if spec.structural)
    most = max((entry.share for entry in lazy), default=0.0)
    remarks = []
    if structural:
        share = f"{structural:g} of {possible:g} points ({structural / possible:.0%})"
        remarks.append(f"{share} are for observations that are the same for every seed")
    if most:
        remarks.append(f"a submission that solves nothing earns up to {most:.0%}")
    return remarks


def _say_only_catchers(
    names: Sequence[str], rows: Sequence[Row], survey: Survey | None
) -> list[str]:
    """Say of each check how many mistakes would slip through without it."""
    alone = dict.fromkeys(names, 0) if survey is None else count_only_catches(names, survey)
    for index, name in enumerate(names):
        alone[name] += sum(row.marks[index] == CAUGHT == row.marks.strip("·-") for row in rows)
    needed = [f"{name} ({count})" for name, count in alone.items() if count]
    spare = [name for name, count in alone.items() if not count]
    remarks = [f"the only one to catch so many mistakes: {', '.join(needed)}"] if needed else []
    return [*remarks, *([f"never the only one to do so: {', '.join(spare)}"] if spare else [])]
