"""All that is asked of one exercise before learners meet it."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from graders.exercise import Exercise
from graders.verify.explained import read_explanations
from graders.verify.grades import Grades, OnDevice
from graders.verify.lazy import Earned, find_free_points, grade_lazy, make_lazy
from graders.verify.matrix import (
    CAUGHT,
    Row,
    find_useless,
    grade_sample,
    grade_starter,
    list_elsewhere,
)
from graders.verify.misconceptions import (
    Fingerprint,
    find_unused,
    list_fingerprints,
    tell_ambiguous,
)
from graders.verify.mutants import make_mutants
from graders.verify.observations import check_reference
from graders.verify.places import place_of
from graders.verify.strays import find_stray_files, tell_idle_judges
from graders.verify.survivors import Survey, count_only_catches, survey_mutants
from graders.verify.threads import map_in_threads

OnStep = Callable[[str], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Verification:
    """The outcome for one exercise; it is proven where there are no problems.

    Attributes:
        exercise: its key.
        checks: their names, in order.
        device: where all was tried.
        elsewhere: names of the checks that are made on other devices only: not proven here.
        rows: the starter, then each known submission; none where the reference does not pass.
        lazy: what submissions that solve nothing earned.
        fingerprints: the ways to fail that are known, and the misconceptions behind them.
        survey: of the mutants; None where none were made.
        problems: everything that is not as it must be, those of rows and survey included.
        information: what the author may want to know.
    """

    exercise: str
    checks: tuple[str, ...]
    device: str = "cpu"
    elsewhere: tuple[str, ...] = ()
    rows: tuple[Row, ...] = ()
    lazy: tuple[Earned, ...] = ()
    fingerprints: tuple[Fingerprint, ...] = ()
    survey: Survey | None = None
    problems: tuple[str, ...] = ()
    information: tuple[str, ...] = ()


def verify(
    exercise: Exercise,
    grader: Grades,
    *,
    device: str = "cpu",
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
        device: one of the exercise's; checks that are not made on it are left out.
        seeds: how many seeds the reference is tried with, at least 2.
        mutants: whether to make mutants. None are where the reference does not pass.
        jobs: how many gradings at once; None for as many as there are processors.
        on_step: told the name of what was graded, `count_steps` times in all.
    """
    jobs = jobs or os.cpu_count() or 1
    chosen = OnDevice(grader, device)
    sound = check_reference(exercise, chosen, device=device, seeds=range(1, seeds + 1), jobs=jobs)
    on_step("reference.py")
    begun = Verification(
        exercise=exercise.key,
        checks=tuple(spec.name for spec in exercise.checks),
        device=device,
        elsewhere=tuple(sorted(list_elsewhere(exercise, device))),
        problems=(*sound.faults, *sound.guessable, *_find_problems_at_rest(exercise)),
        information=(*_say_elsewhere(exercise, device), *tell_idle_judges(exercise)),
    )
    if sound.faults:
        remark = "the reference must pass first: the rest was not tried"
        return replace(begun, information=(*begun.information, remark))
    rows = _grade_known(exercise, chosen, jobs, on_step)
    lazy = _grade_lazy(exercise, chosen, jobs, on_step)
    survey = None
    if mutants and not sound.guessable:
        survey = survey_mutants(exercise, chosen, jobs=jobs, on_step=on_step)
    return _conclude(begun, exercise, rows, lazy, survey)


def _find_problems_at_rest(exercise: Exercise) -> list[str]:
    """Return what is wrong in the folder, which needs no grading to be seen."""
    _, faults = read_explanations(exercise.folder)
    return [*find_unused(exercise), *find_stray_files(exercise), *faults]


def _conclude(
    begun: Verification,
    exercise: Exercise,
    rows: Sequence[Row],
    lazy: tuple[Earned, ...],
    survey: Survey | None,
) -> Verification:
    problems = [
        *begun.problems,
        *(f"{row.name}:1: {problem}" for row in rows for problem in row.problems),
        *find_useless(exercise.checks, rows[1:]),
        *find_free_points(exercise, lazy),
        *(survey.problems if survey else ()),
    ]
    fingerprints = list_fingerprints(exercise)
    information = [
        *begun.information,
        *_say_free(exercise, lazy),
        *tell_ambiguous(fingerprints),
        *_say_only_catchers(exercise, begun.device, rows, survey),
    ]
    return replace(
        begun,
        rows=tuple(rows),
        lazy=lazy,
        fingerprints=fingerprints,
        survey=survey,
        problems=tuple(dict.fromkeys(problems)),
        information=tuple(information),
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


def _say_elsewhere(exercise: Exercise, device: str) -> list[str]:
    """Say which checks were not made, and which submissions only they have to catch."""
    remarks = [
        f"{place_of(spec)} is made on {' and '.join(spec.devices)} only: not proven on {device}; "
        f"run `graders verify --device {spec.devices[0]}` as well"
        for spec in exercise.checks
        if not spec.runs_on(device)
    ]
    elsewhere = list_elsewhere(exercise, device)
    only = [
        sample.path.name
        for sample in exercise.submissions
        if sample.caught_by and sample.caught_by <= elsewhere
    ]
    if only:
        remarks.append(f"caught by such checks only, and not proven here: {', '.join(only)}")
    return remarks


def _say_only_catchers(
    exercise: Exercise, device: str, rows: Sequence[Row], survey: Survey | None
) -> list[str]:
    """Say of each check that is made how many mistakes would slip through without it."""
    names = [spec.name for spec in exercise.checks]
    alone = dict.fromkeys(names, 0) if survey is None else count_only_catches(names, survey)
    for index, name in enumerate(names):
        alone[name] += sum(row.marks[index] == CAUGHT == row.marks.strip("·-/") for row in rows)
    for name in list_elsewhere(exercise, device):
        del alone[name]
    needed = [f"{name} ({count})" for name, count in alone.items() if count]
    spare = [name for name, count in alone.items() if not count]
    remarks = [f"the only one to catch so many mistakes: {', '.join(needed)}"] if needed else []
    return [*remarks, *([f"never the only one to do so: {', '.join(spare)}"] if spare else [])]
