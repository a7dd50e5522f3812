"""Proving an exercise's checks before learners meet them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from graders.exercise import CheckSpec, Exercise, Sample
from graders.judge import compare, is_guessable
from graders.model import Report, Verdict
from graders.runner import Expectation, caught_by

OnStep = Callable[[str], None]
_SAMPLE_SEEDS = (1, 2, 3)  # a mistake that is caught by luck must not count as caught
_MARKS = {Verdict.ACCEPTED: "·", Verdict.SKIPPED: "-"}


class Grades(Protocol):
    """What is needed of a grader."""

    def grade(self, exercise: Exercise, source: bytes, *, seed: int | None = None) -> Report:
        """Grade one submission."""

    def observe_reference(self, exercise: Exercise, check: CheckSpec, *, seed: int) -> Expectation:
        """Return what the reference shows in one check."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One graded file of the matrix.

    Attributes:
        name: the file, relative to the exercise.
        verdict: what it got.
        marks: per check, in their order: "·" passed, "X" caught, "-" not made.
        problems: what is not as it must be.
    """

    name: str
    verdict: Verdict
    marks: str
    problems: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Verification:
    """The outcome for one exercise; it is proven where there are no problems.

    Attributes:
        problems: everything that is not as it must be, rows' problems included.
    """

    exercise: str
    checks: tuple[str, ...]
    rows: tuple[Row, ...]
    problems: tuple[str, ...]


def verify(
    exercise: Exercise,
    grader: Grades,
    *,
    seeds: int = 20,
    on_step: OnStep = lambda _name: None,
) -> Verification:
    """Prove that an exercise's checks accept what is right and catch what is wrong.

    The reference passes under every seed; the starter does not pass; every known submission gets
    its folder's verdict and fails exactly the checks that it names, whatever the inputs; every
    check catches at least one of them; no observation could be guessed.

    Args:
        exercise: the exercise.
        grader: what grades it.
        seeds: how many seeds the reference is tried with, at least 2.
        on_step: told the name of each file before it is graded.
    """
    problems = _check_reference(exercise, grader, range(1, seeds + 1), on_step)
    on_step("starter.py")
    rows = [_starter_row(exercise, grader)]
    for sample in exercise.submissions:
        name = str(sample.path.relative_to(exercise.folder))
        on_step(name)
        rows.append(_sample_row(name, exercise, grader, sample))
    problems += [f"{row.name}: {problem}" for row in rows for problem in row.problems]
    problems += _check_usefulness(exercise, rows)
    return Verification(
        exercise=exercise.key,
        checks=tuple(spec.name for spec in exercise.checks),
        rows=tuple(rows),
        problems=tuple(problems),
    )


def render_matrix(verification: Verification) -> str:
    """Return the table of files and checks: X caught, · passed, - not made."""
    width = max(len(row.name) for row in verification.rows)
    lines = [
        f"{'':{width}}  {'│' * index} {index + 1}. {name}"
        for index, name in enumerate(verification.checks)
    ]
    for row in verification.rows:
        sign = "!" if row.problems else " "
        lines.append(f"{row.name:{width}} {sign}{row.marks}  {row.verdict}")
    return "\n".join(lines)


def _check_reference(
    exercise: Exercise, grader: Grades, seeds: Sequence[int], on_step: OnStep
) -> list[str]:
    on_step("reference.py")
    problems = []
    for spec in exercise.checks:
        seen = [grader.observe_reference(exercise, spec, seed=seed) for seed in seeds]
        faults = [expectation.fault for expectation in seen if expectation.fault]
        if faults:
            problems.append(f"{spec.name}: the reference fails: {faults[0]}")
        else:
            problems += _check_observations(spec, seen)
    if not problems:
        problems += _grade_reference(exercise, grader, seeds)
    return problems


def _check_observations(spec: CheckSpec, seen: Sequence[Expectation]) -> list[str]:
    if spec.structural:
        return []
    values = [expectation.value for expectation in seen]
    if is_guessable(values[0]):
        return [f"{spec.name}: the observation is a lone bool or None, which could be guessed"]
    if all(compare(values[0], value, 0.0) is None for value in values[1:]):
        message = "the observation is the same for every seed; declare it structural if it must be"
        return [f"{spec.name}: {message}"]
    return []


def _grade_reference(exercise: Exercise, grader: Grades, seeds: Sequence[int]) -> list[str]:
    source = exercise.reference.encode()
    for seed in seeds:
        report = grader.grade(exercise, source, seed=seed)
        if report.verdict is not Verdict.ACCEPTED:
            tripped = ", ".join(sorted(caught_by(report.checks))) or report.message
            return [f"reference.py: {report.verdict} with seed {seed} ({tripped})"]
    return []


def _starter_row(exercise: Exercise, grader: Grades) -> Row:
    report = grader.grade(exercise, exercise.starter.encode())
    passes = report.verdict is Verdict.ACCEPTED
    problems = ("the starter is accepted: there is nothing left to do",) if passes else ()
    return _row("starter.py", exercise, report, problems)


def _sample_row(name: str, exercise: Exercise, grader: Grades, sample: Sample) -> Row:
    # A submission that runs into its time limit takes that long every time.
    seeds = _SAMPLE_SEEDS[:1] if sample.verdict is Verdict.TIME_LIMIT else _SAMPLE_SEEDS
    for seed in seeds:
        report = grader.grade(exercise, sample.source, seed=seed)
        problems = _find_problems(sample, report)
        if problems:
            break
    return _row(name, exercise, report, problems)


def _find_problems(sample: Sample, report: Report) -> tuple[str, ...]:
    problems = []
    if report.verdict is not sample.verdict:
        reason = f" ({report.message})" if report.message else ""
        problems.append(f"must be {sample.verdict}, is {report.verdict}{reason}")
    caught = caught_by(report.checks)
    if sample.caught_by is not None and caught != sample.caught_by:
        problems.append(f"names {_list(sample.caught_by)}, is caught by {_list(caught)}")
    return tuple(problems)


def _row(name: str, exercise: Exercise, report: Report, problems: tuple[str, ...]) -> Row:
    verdicts = {result.name: result.verdict for result in report.checks}
    marks = "".join(_MARKS.get(verdicts[spec.name], "X") for spec in exercise.checks)
    return Row(name=name, verdict=report.verdict, marks=marks, problems=problems)


def _check_usefulness(exercise: Exercise, rows: Sequence[Row]) -> list[str]:
    return [
        f"{spec.name}: catches none of the known submissions"
        for index, spec in enumerate(exercise.checks)
        if not any(row.marks[index] == "X" for row in rows[1:])
    ]


def _list(names: frozenset[str]) -> str:
    return ", ".join(sorted(names)) or "nothing"
