"""The matrix: each known submission against the checks that it must fail."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from graders.exercise import Exercise, Sample
from graders.model import Report, Verdict
from graders.runner import caught_by
from graders.verify.grades import SEEDS, Grades, needs_no_other_seed

CAUGHT = "X"
_MARKS = {Verdict.ACCEPTED: "·", Verdict.SKIPPED: "-"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One graded file of the matrix.

    Attributes:
        name: the file, relative to the exercise.
        verdict: what it got.
        marks: per check, in their order: "·" passed, "X" caught, "-" not made.
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
    problems = ("the starter is accepted: there is nothing left to do",) if passes else ()
    return _row("starter.py", exercise, report, problems)


def grade_sample(exercise: Exercise, grader: Grades, sample: Sample) -> Row:
    """Grade a known submission under each seed, up to the first that gives a problem."""
    for seed in SEEDS:
        report = grader.grade(exercise, sample.source, seed=seed)
        problems = _find_problems(sample, report)
        if problems or needs_no_other_seed(report):
            break
    name = str(sample.path.relative_to(exercise.folder))
    return _row(name, exercise, report, problems, sample.misconception)


def find_useless(checks: Sequence[str], rows: Iterable[Row]) -> list[str]:
    """Return a problem for each check that catches none of these files."""
    marks = [row.marks for row in rows]
    return [
        f"{name}: catches none of the known submissions"
        for index, name in enumerate(checks)
        if not any(mark[index] == CAUGHT for mark in marks)
    ]


def _find_problems(sample: Sample, report: Report) -> tuple[str, ...]:
    problems = []
    if report.verdict is not sample.verdict:
        reason = f" ({report.message})" if report.message else ""
        problems.append(f"must be {sample.verdict}, is {report.verdict}{reason}")
    caught = caught_by(report.checks)
    if sample.caught_by is not None and caught != sample.caught_by:
        problems.append(f"names {_list(sample.caught_by)}, is caught by {_list(caught)}")
    return tuple(problems)


def _row(
    name: str,
    exercise: Exercise,
    report: Report,
    problems: tuple[str, ...],
    misconception: str = "",
) -> Row:
    verdicts = {result.name: result.verdict for result in report.checks}
    marks = "".join(_MARKS.get(verdicts[spec.name], CAUGHT) for spec in exercise.checks)
    return Row(
        name=name,
        verdict=report.verdict,
        marks=marks,
        problems=problems,
        misconception=misconception,
    )


def _list(names: frozenset[str]) -> str:
    return ", ".join(sorted(names)) or "nothing"
