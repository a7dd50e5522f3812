"""The proof of an item that brings an exercise: its checks accept what is right, and only that.

It is graded as a learner's submission would be, by the same runner, under several seeds.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from graders.facade import (
    CHECKS,
    REFERENCE,
    CheckResult,
    CheckSpec,
    Exercise,
    Expectation,
    Report,
    Sample,
    SandboxError,
    Verdict,
    say_guessable,
)
from quizzer.domain.items import Bank, Item
from quizzer.services.inline import (
    BAD_CODE,
    InlineFault,
    find_line,
    make_inline_exercise,
)
from quizzer.services.proving.findings import Finding

SEEDS = (1, 2, 3)
"""What is caught by luck must not count as caught, so each known submission is tried with these."""

REFERENCE_SEEDS = (1, 2, 3, 4, 5)
STARTER = "(starter)"  # no key of an option looks like this
_FILE = "|".join(re.escape(str(path)) for path in (CHECKS, REFERENCE))
_FAULT = re.compile(rf"(?P<name>{_FILE})(:(?P<line>\d+))?: (?P<why>.*)", re.DOTALL)
_PASSED = (Verdict.ACCEPTED, Verdict.SKIPPED)


class CodeGrader(Protocol):
    """What is needed of a grader; `graders.facade.Grader` in service."""

    def grade(self, exercise: Exercise, source: bytes, *, seed: int | None = ...) -> Report:
        """Grade one submission."""

    def observe_reference(self, exercise: Exercise, check: CheckSpec, *, seed: int) -> Expectation:
        """Return what the reference shows in one check."""

    def find_judges_fault(self, exercise: Exercise, check: CheckSpec, expected: object) -> str:
        """Return why a check's own judge does not accept the reference, or empty."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GradedSubmission:
    """One submission of which it is known whether it is right, and how it was graded.

    Attributes:
        key: of the option, or `STARTER`.
        line: where its code begins in the bank's file.
        named: the checks that its first line says must catch it, or None.
        reports: one per seed; fewer where the time ran out.
    """

    key: str
    line: int
    is_right: bool
    named: frozenset[str] | None
    reports: tuple[Report, ...]

    @property
    def caught_by(self) -> frozenset[str]:
        """The checks that it fails under every seed."""
        return frozenset.intersection(*(_list_failed(report) for report in self.reports))


@dataclass(frozen=True, slots=True, kw_only=True)
class CodeProof:
    """What came of the proof of an item's own exercise.

    Attributes:
        findings: what is wrong with it.
        graded: the starter and the options; nothing where the solution itself is wrong.
    """

    findings: tuple[Finding, ...] = ()
    graded: tuple[GradedSubmission, ...] = ()


def prove_code_item(bank: Bank, item: Item, grader: CodeGrader) -> CodeProof:
    """Try an item's own exercise; nothing is wrong where it names one elsewhere.

    The solution passes all checks, shows nothing that could be guessed, and agrees with itself;
    the starter and every option that is not ticked fail, whatever the inputs; ticked ones pass;
    every check catches something.

    Raises:
        GraderError: if the jail fails.
    """
    if item.code is None:
        return CodeProof()
    exercise = make_inline_exercise(bank, item)
    if isinstance(exercise, InlineFault):
        fault = Finding(code=BAD_CODE, message=exercise.message, line=exercise.line)
        return CodeProof(findings=(fault,))
    unsound = tuple(_check_reference(item, exercise, grader))
    if unsound:
        return CodeProof(findings=unsound)  # nothing can be proven with a solution that fails
    graded = _try_known(item, exercise, grader)
    findings = (*_find_contradictions(graded), *_find_idle_checks(item, exercise, graded))
    return CodeProof(findings=findings, graded=graded)


def hash_code_item(bank: Bank, item: Item, *surroundings: str) -> str:
    """Return a hash of all that the outcome depends on; moving the item does not change it.

    Args:
        bank: of the item.
        item: one with blocks of its own.
        surroundings: the version of torch, and whatever else.
    """
    blocks = () if item.code is None else (item.code.starter, item.code.solution, item.code.tests)
    options = [[one.key, one.text.source, one.correct, one.misconception] for one in item.options]
    codes = [block.code for block in blocks]
    parts = [surroundings, codes, options, sorted(bank.misconceptions), SEEDS, REFERENCE_SEEDS]
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()


def _try_known(item: Item, exercise: Exercise, grader: CodeGrader) -> tuple[GradedSubmission, ...]:
    """Grade the starter, and every option under each seed."""
    starter = GradedSubmission(
        key=STARTER,
        line=item.line if item.code is None else item.code.starter.line,
        is_right=False,
        named=None,
        reports=(_grade(grader, exercise, exercise.starter.encode(), SEEDS[0]),),
    )
    return (starter, *(_try_sample(item, exercise, one, grader) for one in exercise.submissions))


def _try_sample(
    item: Item, exercise: Exercise, sample: Sample, grader: CodeGrader
) -> GradedSubmission:
    reports: list[Report] = []
    for seed in SEEDS:
        reports.append(_grade(grader, exercise, sample.source, seed))
        if reports[-1].verdict is Verdict.TIME_LIMIT:  # so it would be with any numbers
            break
    return GradedSubmission(
        key=str(sample.path),
        line=find_line(item, str(sample.path), 0),
        is_right=sample.verdict is Verdict.ACCEPTED,
        named=sample.caught_by,
        reports=tuple(reports),
    )


def _grade(grader: CodeGrader, exercise: Exercise, source: bytes, seed: int) -> Report:
    report = grader.grade(exercise, source, seed=seed)
    if report.verdict is Verdict.PLATFORM_ERROR:
        raise SandboxError(report.message)
    return report


def _check_reference(item: Item, exercise: Exercise, grader: CodeGrader) -> Iterator[Finding]:
    """Yield what is wrong with the solution, each fault once."""
    faults: dict[str, tuple[str, list[str]]] = {}
    guessable: list[Finding] = []
    for spec in exercise.checks:
        seen = _observe(exercise, spec, grader)
        code, fault = _find_fault(exercise, spec, seen, grader)
        if fault:
            faults.setdefault(fault, (code, []))[1].append(spec.name)
        elif told := say_guessable(spec, [one.value for one in seen]):
            line = find_line(item, str(CHECKS), spec.line)
            guessable.append(Finding(code="P306", message=f"{spec.name}: {told}", line=line))
    yield from guessable
    for fault, (code, names) in faults.items():
        yield _place_fault(item, code, fault, names)
    if not faults and not guessable:
        yield from _check_steadiness(item, exercise, grader)


def _observe(exercise: Exercise, spec: CheckSpec, grader: CodeGrader) -> list[Expectation]:
    """Return what the solution shows in one check under each seed, up to the first fault."""
    seen: list[Expectation] = []
    for seed in REFERENCE_SEEDS:
        seen.append(grader.observe_reference(exercise, spec, seed=seed))
        if seen[-1].fault:
            break
    return seen


def _find_fault(
    exercise: Exercise, spec: CheckSpec, seen: Sequence[Expectation], grader: CodeGrader
) -> tuple[str, str]:
    """Return the code and the reason of what is wrong in one check, or two empty texts."""
    if seen[-1].fault:
        return ("P305" if seen[-1].is_limit else "P301"), seen[-1].fault
    if spec.judge is not None and spec.judge.is_own:
        judged = (grader.find_judges_fault(exercise, spec, one.value) for one in seen)
        return "P301", next(filter(None, judged), "")
    return "", ""


def _check_steadiness(item: Item, exercise: Exercise, grader: CodeGrader) -> Iterator[Finding]:
    for seed in SEEDS:
        report = _grade(grader, exercise, exercise.reference.encode(), seed)
        if report.verdict is not Verdict.ACCEPTED:
            yield _say_unsteady(item, report)
            return


def _place_fault(item: Item, code: str, fault: str, names: Sequence[str]) -> Finding:
    """Put what the runner says of the author's files at the line of the bank."""
    found = _FAULT.fullmatch(fault)
    why = found["why"] if found else fault
    line = find_line(item, found["name"], int(found["line"] or 0)) if found else item.line
    message = f"the solution does not get through {', '.join(names)}: {why}"
    return Finding(code=code, message=message, line=line)


def _say_unsteady(item: Item, report: Report) -> Finding:
    failed = ", ".join(sorted(_list_failed(report))) or report.message
    message = (
        f"the solution does not agree with itself ({report.verdict} in {failed}): what it returns "
        "must hang on its arguments only"
    )
    return Finding(code="P303", message=message, line=find_line(item, str(REFERENCE), 0))


def _find_contradictions(graded: Sequence[GradedSubmission]) -> Iterator[Finding]:
    """Yield the known submissions that are not what they should be."""
    for submission in graded:
        message = _find_contradiction(submission)
        if message:
            yield Finding(code="P302", message=message, line=submission.line)


def _find_contradiction(submission: GradedSubmission) -> str:
    """Why a known submission is not what it should be, or an empty text."""
    told = (_contradict(submission, report) for report in submission.reports)
    return next(filter(None, told), "")


def _contradict(submission: GradedSubmission, report: Report) -> str:
    """Say in how far one grading is not as it should be, or nothing."""
    is_accepted = report.verdict is Verdict.ACCEPTED
    failed = _list_failed(report)
    if report.verdict is Verdict.AUTHOR_ERROR:
        return f"{_name(submission)} could not be judged: {_say_reason(report)}"
    if submission.is_right and not is_accepted:
        return f"{_name(submission)} is ticked, but it is {_say(report)}: it is wrong"
    if is_accepted and not submission.is_right:
        return _say_accepted(submission, report)
    if submission.named is not None and failed != submission.named:
        named, found = _list(submission.named), _list(failed)
        return f"{_name(submission)} says that {named} must catch it, but {found} does"
    return ""


def _say_accepted(submission: GradedSubmission, report: Report) -> str:
    if submission.key == STARTER:
        return "the starter passes all checks: there is nothing left to do"
    is_lucky = any(one.verdict is not Verdict.ACCEPTED for one in submission.reports)
    when = f" with some inputs (seed {report.seed})" if is_lucky else ""
    return f"{_name(submission)} is not ticked, but it passes all checks{when}: it is right"


def _name(submission: GradedSubmission) -> str:
    return "the starter" if submission.key == STARTER else f"option {submission.key}"


def _say(report: Report) -> str:
    failed = _list(_list_failed(report))
    return f"{report.verdict.replace('_', ' ')} ({failed}: {_say_reason(report)})"


def _say_reason(report: Report) -> str:
    """The first thing that a report says of what went wrong."""
    said: list[str] = [report.message]
    for result in report.checks:
        if result.verdict not in _PASSED:
            difference = result.difference
            said += [result.message, difference.kind if difference else ""]
    return next(filter(None, said), "no reason is known").partition("\n")[0]


def _list(names: frozenset[str]) -> str:
    return ", ".join(sorted(names)) or "nothing"


def _find_idle_checks(
    item: Item, exercise: Exercise, graded: Sequence[GradedSubmission]
) -> Iterator[Finding]:
    """Yield the checks that catch nothing that is known to be wrong."""
    catching: set[str] = set()
    for submission in graded:
        if submission.key == STARTER:
            catching.update(
                result.name for result in submission.reports[0].checks if _tells(result)
            )
        elif not submission.is_right:
            catching |= submission.caught_by
    for spec in exercise.checks:
        if spec.name not in catching:
            message = (
                f"the check {spec.name} catches neither the starter nor an option: add an option "
                "that is not ticked and fails it (a starter that raises, or returns another kind "
                "of value, shows nothing)"
            )
            line = find_line(item, str(CHECKS), spec.line)
            yield Finding(code="P302", message=message, line=line)


def _tells(result: CheckResult) -> bool:
    """Whether a starter's failure shows that the check sees a mistake, not an absence."""
    difference = result.difference
    return difference is not None and difference.kind != "structure"


def _list_failed(report: Report) -> frozenset[str]:
    return frozenset(one.name for one in report.checks if one.verdict not in _PASSED)
