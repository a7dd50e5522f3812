"""The matrix: each known submission against the checks that it must fail."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from graders.exercise import CheckSpec, Exercise, Sample
from graders.exercise.samples import VERDICTS
from graders.model import Report, Verdict
from graders.runner import caught_by
from graders.verify.grades import SEEDS, Grades, needs_no_other_seed
from graders.verify.places import place_of

CAUGHT = "X"
ELSEWHERE = "/"
_MARKS = {Verdict.ACCEPTED: "·", Verdict.SKIPPED: "-"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One graded file of the matrix.

    Attributes:
        name: the file, relative to the exercise.
        verdict: what it got.
        marks: per check, in their order: "·" passed, "X" caught, "-" not made,
            "/" made on another device only.
        problems: what is not as it must be.
        misconception: tag of the mistake that the file stands for, or empty.
    """

    name: str
    verdict: Verdict
    marks: str
    problems: tuple[str, ...] = ()
    misconception: str = field(default="")


def grade_starter(exercise: Exercise, grader: Grades) -> Row:
    """Grade what the learner begins with; it must not be accepted."""
    report = grader.grade(exercise, exercise.starter.encode(), seed=SEEDS[0])
    passes = report.verdict is Verdict.ACCEPTED
    problems = (
        ("the starter is accepted: there is nothing left to do; take out what is to be written",)
        if passes and not list_elsewhere(exercise, report.device)
        else ()
    )
    return _row("starter.py", exercise, report, problems)


def grade_sample(exercise: Exercise, grader: Grades, sample: Sample) -> Row:
    """Grade a known submission under each seed, up to the first that gives a problem."""
    for seed in SEEDS:
        report = grader.grade(exercise, sample.source, seed=seed)
        problems = _find_problems(exercise, sample, report)
        if problems or needs_no_other_seed(report):
            break
    name = str(sample.path.relative_to(exercise.folder))
    return _row(name, exercise, report, problems, sample.misconception)


def find_useless(checks: Sequence[CheckSpec], rows: Iterable[Row]) -> list[str]:
    """Return a problem for each check that is made and catches none of these files."""
    marks = [row.marks for row in rows]
    return [
        f"{place_of(spec)} catches none of the known submissions; add a file to "
        f"submissions/wrong whose first line names it: `# caught by: {spec.name}`"
        for index, spec in enumerate(checks)
        if not any(mark[index] in (CAUGHT, ELSEWHERE) for mark in marks)
    ]


def list_elsewhere(exercise: Exercise, device: str) -> frozenset[str]:
    """Return the names of the checks that are not made on a device."""
    return frozenset(spec.name for spec in exercise.checks if not spec.runs_on(device))


def _find_problems(exercise: Exercise, sample: Sample, report: Report) -> tuple[str, ...]:
    elsewhere = list_elsewhere(exercise, report.device)
    named = sample.caught_by - elsewhere if sample.caught_by is not None else None
    if sample.caught_by and not named:
        return ()  # no check that is made here has to catch it
    problems = []
    is_whole = not (sample.caught_by and sample.caught_by & elsewhere)
    if report.verdict is not sample.verdict and is_whole:
        told = f"must be {sample.verdict}, is {report.verdict}{_say_reason(report)}"
        folder = f"submissions/{report.verdict}"
        remedy = f", or move it to {folder}" if report.verdict in VERDICTS else ""
        problems.append(f"{told}; mend it or the checks{remedy}")
    caught = caught_by(report.checks)
    if named is not None and caught != named:
        told = f"names {_list(named)}, is caught by {_list(caught)}{_say_reason(report)}"
        problems.append(f"{told}; correct the first line, or the checks")
    return tuple(problems)


def _say_reason(report: Report) -> str:
    """Return what a submission was stopped by or raised first, in brackets, or nothing."""
    raised = [
        f"{entry.name}: {entry.message}"
        for entry in report.checks
        if entry.message and entry.verdict is not Verdict.SKIPPED
    ]
    reason = next(filter(None, [report.message, *raised]), "")
    return f" ({reason.partition(chr(10))[0]})" if reason else ""


def _row(
    name: str,
    exercise: Exercise,
    report: Report,
    problems: tuple[str, ...],
    misconception: str = "",
) -> Row:
    verdicts = {result.name: result.verdict for result in report.checks}
    marks = "".join(_mark(verdicts.get(spec.name)) for spec in exercise.checks)
    return Row(
        name=name,
        verdict=report.verdict,
        marks=marks,
        problems=problems,
        misconception=misconception,
    )


def _mark(verdict: Verdict | None) -> str:
    return ELSEWHERE if verdict is None else _MARKS.get(verdict, CAUGHT)


def _list(names: frozenset[str]) -> str:
    return ", ".join(sorted(names)) or "nothing"
