"""Grading mutants: which are caught, and which survive.

A learner is graded with one seed that nobody chose. So a mutant counts as caught only if no seed
of three accepts it; one that some seeds accept is caught by luck, and as much a hole in the checks
as one that all of them accept.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from graders.exercise import Exercise
from graders.model import Report, Verdict
from graders.runner import caught_by
from graders.verify.explained import Explanation, find_stale, read_explanations
from graders.verify.grades import SEEDS, Grades, is_graded, needs_no_other_seed
from graders.verify.mutants import Mutant, make_mutants, render_diff
from graders.verify.threads import map_in_threads

MUTANT_WALL_S = 1.0
"""Seconds that a check of a mutant may take, unless the reference itself needs about as long."""

_SLACK = 5  # times what the reference takes: a mutant may be slower, and the machine busy


class Fate(StrEnum):
    """What became of a mutant."""

    CAUGHT = "caught"
    BY_LUCK = "caught by luck"
    SURVIVED = "survived"
    NOT_GRADED = "not graded"


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """A mutant that was graded.

    Attributes:
        catchers: names of the checks that caught it under any seed, sorted.
        detail: for a fate that needs words, those; else empty.
        reason: why the author says that no check can tell, or empty.
        diff: against the reference, for one that was not caught; else empty.
    """

    mutant: Mutant
    fate: Fate
    catchers: tuple[str, ...] = ()
    detail: str = ""
    reason: str = ""
    diff: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Survey:
    """What became of all mutants of an exercise.

    Attributes:
        trials: one per mutant, by line.
        problems: survivors that nobody explained, and explanations of no survivor.
    """

    trials: tuple[Trial, ...]
    problems: tuple[str, ...]

    def count(self, fate: Fate) -> int:
        """How many mutants ended so and are not explained."""
        return sum(trial.fate is fate and not trial.reason for trial in self.trials)

    @property
    def explained(self) -> int:
        """How many were not caught, for a reason that the author gives."""
        return sum(bool(trial.reason) for trial in self.trials)

    @property
    def unexplained(self) -> tuple[Trial, ...]:
        """Those that were not caught, and nobody says why."""
        return tuple(
            trial for trial in self.trials if trial.fate is not Fate.CAUGHT and not trial.reason
        )


def survey_mutants(
    exercise: Exercise,
    grader: Grades,
    *,
    jobs: int,
    on_step: Callable[[str], None],
) -> Survey:
    """Make the mutants of an exercise's reference and grade each.

    Args:
        exercise: whose reference passes its checks.
        grader: what grades them, from several threads.
        jobs: how many at once.
        on_step: told the name of each mutant once it was graded.
    """
    mutants = make_mutants(exercise.reference)
    trying = _plan(exercise, grader)
    explanations, problems = read_explanations(exercise.folder)
    trials = []
    for trial in map_in_threads(jobs, trying.grade, mutants):
        on_step(trial.mutant.name)
        trials.append(_explain(trial, explanations))
    left = [trial.mutant for trial in trials if trial.fate in (Fate.SURVIVED, Fate.BY_LUCK)]
    holes = [
        _say_problem(trial)
        for trial in trials
        if trial.fate is not Fate.CAUGHT and not trial.reason
    ]
    stale = find_stale(explanations, left, mutants)
    return Survey(trials=tuple(trials), problems=(*problems, *holes, *stale))


def count_only_catches(checks: Sequence[str], survey: Survey) -> dict[str, int]:
    """Return for each check how many mutants nothing else catches."""
    alone = [trial.catchers[0] for trial in survey.trials if len(trial.catchers) == 1]
    return {name: alone.count(name) for name in checks}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Trying:
    """How mutants of an exercise are graded.

    Attributes:
        exercise: as it is.
        hurried: the same with time limits that a mutant without end may use up.
        grader: what grades.
        cpu_s: processor seconds that a mutant must have used to be stopped for its time. One that
            used less was stopped because the machine is busy.
    """

    exercise: Exercise
    hurried: Exercise
    grader: Grades
    cpu_s: float

    def grade(self, mutant: Mutant) -> Trial:
        """Grade a mutant under each seed, up to one that speaks for all."""
        reports: list[Report] = []
        for seed in SEEDS:
            report = self._grade_once(mutant.source.encode(), seed)
            reports.append(report)
            if not is_graded(report):
                detail = f"{report.verdict}: {report.message}".rstrip(": ")
                return Trial(mutant=mutant, fate=Fate.NOT_GRADED, detail=detail)
            if needs_no_other_seed(report):
                break
        return _conclude(self.exercise, mutant, reports)

    def _grade_once(self, source: bytes, seed: int) -> Report:
        report = self.grader.grade(self.hurried, source, seed=seed)
        starved = report.verdict is Verdict.TIME_LIMIT and report.cpu_s < self.cpu_s
        if is_graded(report) and not starved:
            return report
        return self.grader.grade(self.exercise, source, seed=seed)  # now without hurry


def _plan(exercise: Exercise, grader: Grades) -> _Trying:
    """Grade the reference, to see how long its checks take."""
    report = grader.grade(exercise, exercise.reference.encode(), seed=SEEDS[0])
    took_s = {result.name: result.wall_s for result in report.checks}
    return _Trying(
        exercise=exercise,
        hurried=_hurry(exercise, took_s),
        grader=grader,
        cpu_s=min(MUTANT_WALL_S / 2, 2 * report.cpu_s),
    )


def _hurry(exercise: Exercise, took_s: Mapping[str, float]) -> Exercise:
    checks = []
    for spec in exercise.checks:
        ample_s = max(MUTANT_WALL_S, _SLACK * took_s.get(spec.name, 0.0))
        whole_s = spec.limits(exercise.limits).wall_s
        wall_s = whole_s if spec.hidden else min(whole_s, ample_s)  # of hidden ones none is told
        checks.append(replace(spec, wall_s=wall_s))
    limits = replace(exercise.limits, wall_s=min(exercise.limits.wall_s, MUTANT_WALL_S))
    return replace(exercise, limits=limits, checks=tuple(checks))


def _conclude(exercise: Exercise, mutant: Mutant, reports: Sequence[Report]) -> Trial:
    found = frozenset[str]().union(*(caught_by(report.checks) for report in reports))
    catchers = tuple(spec.name for spec in exercise.checks if spec.name in found)
    let_through = sum(report.verdict is Verdict.ACCEPTED for report in reports)
    if not let_through:
        return Trial(mutant=mutant, fate=Fate.CAUGHT, catchers=catchers)
    diff = render_diff(exercise.reference, mutant)
    if let_through == len(reports):
        return Trial(mutant=mutant, fate=Fate.SURVIVED, diff=diff)
    detail = f"{let_through} of {len(reports)} seeds accept it"
    return Trial(mutant=mutant, fate=Fate.BY_LUCK, catchers=catchers, detail=detail, diff=diff)


def _explain(trial: Trial, explanations: Sequence[Explanation]) -> Trial:
    if trial.fate not in (Fate.SURVIVED, Fate.BY_LUCK):
        return trial
    reasons = [entry.reason for entry in explanations if entry.fits(trial.mutant)]
    return replace(trial, reason=reasons[0]) if reasons else trial


def _say_problem(trial: Trial) -> str:
    name, place = trial.mutant.name, f"reference.py:{trial.mutant.line}"
    if trial.fate is Fate.SURVIVED:
        return f"{place}: no check catches the mutant {name}"
    if trial.fate is Fate.BY_LUCK:
        caught = ", ".join(trial.catchers)
        return f"{place}: the mutant {name} is caught by luck only: {trial.detail} (by {caught})"
    return f"{place}: the mutant {name} could not be graded: {trial.detail}"
