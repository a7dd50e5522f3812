"""One grading: look at the source, observe in a one-shot worker, judge here."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from graders.errors import SandboxError
from graders.exercise import CheckSpec, Exercise
from graders.judge import compare, judge, withhold
from graders.model import CheckResult, Difference, Report, Verdict, worst
from graders.pool import Pool, Worker
from graders.runner.calls import SUBMISSION, Failure, Value, clean, say_traceback
from graders.runner.clock import Clock, find_total_s
from graders.runner.messages import checks_message, load_message, observe_message
from graders.runner.references import Expectation, Expectations, JudgeError, References
from graders.runner.remarks import ask_remarks
from graders.source_checks import check_source, say_missing, say_no_function

AUTHORS_FAULT = "The exercise's own solution fails here. This is the author's fault, not yours."
JUDGES_FAULT = "The exercise's own judge fails on this. This is the author's fault, not yours."
OUTPUT_CHARS = 4000
"""How much of what a check printed goes into the report."""

OnCheck = Callable[[CheckResult], None]

_log = logging.getLogger(__name__)


@dataclass(slots=True, kw_only=True)
class _Grading:
    """What is known while one submission is graded."""

    exercise: Exercise
    checks: tuple[CheckSpec, ...]
    seed: int
    device: str
    on_check: OnCheck
    clock: Clock
    begin: float = field(default_factory=time.perf_counter)
    wall_s: float | None = None
    cpu_s: float = 0.0
    results: list[CheckResult] = field(default_factory=list)
    stop: Verdict = Verdict.ACCEPTED
    message: str = ""
    is_cut_short: bool = False
    output_bytes: int = 0
    information: list[str] = field(default_factory=list)

    def add(self, result: CheckResult) -> None:
        self.results.append(result)
        self.on_check(result)

    def end(self, verdict: Verdict, message: str) -> None:
        """End the whole submission: no further check is made."""
        self.stop, self.message = verdict, message

    def stop_times(self, cpu_s: float) -> None:
        """Note the times that are told; what is used after the first call of this is not told."""
        if self.wall_s is None:
            self.wall_s, self.cpu_s = time.perf_counter() - self.begin, cpu_s

    def remark(self, remarks: Sequence[str]) -> None:
        """Tell the learner something that changes no verdict."""
        self.information += [remark for remark in remarks if remark not in self.information]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Made:
    """What came of one check in the submission's jail."""

    seen: Value | Failure
    output: str = ""
    wall_s: float = 0.0


def grade(
    pool: Pool,
    references: References,
    exercise: Exercise,
    source: bytes,
    *,
    device: str,
    seed: int,
    checks: Sequence[CheckSpec],
    on_check: OnCheck,
) -> Report:
    """Grade one submission.

    Args:
        pool: gives the one-shot worker.
        references: gives what is expected.
        exercise: what is to be solved.
        source: the file as it was handed in.
        device: cpu or cuda.
        seed: of the inputs.
        checks: those to make, visible ones first.
        on_check: told of each result as soon as there is one.
    """
    grading = _Grading(
        exercise=exercise,
        checks=tuple(checks),
        seed=seed,
        device=device,
        on_check=on_check,
        clock=Clock(find_total_s(exercise.limits, checks)),
    )
    finding = check_source(source, entry=exercise.entry, forbid=exercise.forbid)
    grading.remark(finding.information)
    if finding.verdict is not Verdict.ACCEPTED:
        grading.end(finding.verdict, finding.message)
    else:
        _grade_in_jail(pool, references, grading, finding.text)
    _skip_rest(grading)
    grading.stop_times(cpu_s=0.0)
    return _report(pool, grading)


def _grade_in_jail(pool: Pool, references: References, grading: _Grading, source: str) -> None:
    """Make the checks."""
    expectations = references.start(
        grading.exercise, grading.checks, seed=grading.seed, device=grading.device
    )
    try:
        with pool.take(grading.exercise.limits) as worker:
            if _prepare(worker, grading, expectations, source):
                _make_checks(worker, grading, references, expectations, source)
            grading.stop_times(worker.cpu_s())
    except SandboxError as error:
        _log.error("the sandbox could not be used: %s", error)  # it names places of this machine
        message = "The sandbox could not be used. This is our fault, not yours; try again later."
        grading.end(Verdict.PLATFORM_ERROR, message)
    finally:
        expectations.cancel()


def _prepare(worker: Worker, grading: _Grading, expectations: Expectations, source: str) -> bool:
    """Load the submission and the visible checks; whether checks can be made."""
    limits = grading.exercise.limits
    message = load_message(source, SUBMISSION, watch=grading.exercise.forbid)
    loaded = grading.clock.call(worker, message, limits)
    if isinstance(loaded, Failure):
        trace = say_traceback(loaded)
        grading.end(loaded.verdict, "\n".join(filter(None, [loaded.message, trace])))
        return False
    missing = sorted(set(grading.exercise.entry) - _names(loaded))
    if missing:
        grading.end(Verdict.WRONG, say_missing(missing))
        return False
    values = _values(loaded, grading.exercise.entry)
    if values:
        grading.end(Verdict.WRONG, "\n".join(say_no_function(*found) for found in values))
        return False
    prepared = grading.clock.call(worker, checks_message(grading.exercise), limits)
    if isinstance(prepared, Failure):
        _end_unprepared(grading, expectations, prepared)
        return False
    return True


def _end_unprepared(grading: _Grading, expectations: Expectations, failure: Failure) -> None:
    """End a submission after which the checks could not be set up: whose fault is it?"""
    if expectations.get(grading.checks[0].name).fault:
        grading.end(Verdict.AUTHOR_ERROR, AUTHORS_FAULT)
    else:
        message = f"Once your file was loaded, the checks could not be set up: {failure.message}"
        grading.end(failure.verdict, message)


def _names(loaded: Value) -> set[str]:
    names = loaded.value.get("names") if isinstance(loaded.value, dict) else None
    return {name for name in names if isinstance(name, str)} if isinstance(names, list) else set()


def _values(loaded: Value, entry: Sequence[str]) -> list[tuple[str, str]]:
    """Return the names of the entry that cannot be called, each with its type's name.

    The reference's are functions and classes, so that every check would fail on them.
    """
    told = loaded.value.get("values") if isinstance(loaded.value, dict) else None
    found = told if isinstance(told, dict) else {}
    return [(name, clean(found[name], 80)) for name in entry if isinstance(found.get(name), str)]


def _make_checks(
    worker: Worker,
    grading: _Grading,
    references: References,
    expectations: Expectations,
    source: str,
) -> None:
    """Make the visible checks, ask what was called meanwhile, then make the hidden ones."""
    visible = [spec for spec in grading.checks if not spec.hidden]
    hidden = [spec for spec in grading.checks if spec.hidden]
    if not _make_each(visible, worker, grading, references, expectations):
        return
    if grading.exercise.forbid:
        lines = source.count("\n") + 1
        told = grading.information
        grading.remark(ask_remarks(worker, grading.exercise, lines=lines, told=told))
    if hidden:  # how long a hidden check takes could carry its code out
        grading.stop_times(worker.cpu_s())
    _make_each(hidden, worker, grading, references, expectations)


def _make_each(
    checks: Sequence[CheckSpec],
    worker: Worker,
    grading: _Grading,
    references: References,
    expectations: Expectations,
) -> bool:
    """Make these checks; whether the worker can go on."""
    for spec in checks:
        unmet = _find_unmet(grading, spec)
        if unmet:
            grading.add(_result(spec, Verdict.SKIPPED, message=f"Not made: {unmet} did not pass."))
            continue
        made = _observe(spec, worker, grading)
        expected = expectations.get(spec.name)
        grading.add(_judge(grading, references, spec, expected, made))
        if isinstance(made.seen, Failure) and made.seen.is_final:
            return False
    return True


def _observe(spec: CheckSpec, worker: Worker, grading: _Grading) -> _Made:
    """Make one check. Of a hidden one neither what is printed nor the time is told."""
    before_s = grading.clock.used_s
    message = observe_message(spec, seed=grading.seed, device=grading.device)
    seen = grading.clock.call(worker, message, spec.limits(grading.exercise.limits))
    output = _take_output(worker, grading)
    if spec.hidden:
        return _Made(seen=seen)
    return _Made(seen=seen, output=output, wall_s=grading.clock.used_s - before_s)


def _find_unmet(grading: _Grading, spec: CheckSpec) -> str:
    """Return the name of a check that had to pass before this one and did not, or empty."""
    failed = {result.name for result in grading.results if result.verdict != Verdict.ACCEPTED}
    return next((name for name in spec.after if name in failed), "")


def _take_output(worker: Worker, grading: _Grading) -> str:
    """Return what was printed since the last check."""
    printed = worker.output()
    new = printed[grading.output_bytes :]
    grading.output_bytes = len(printed)
    return clean(new.decode("utf-8", errors="replace"), OUTPUT_CHARS)


def _judge(
    grading: _Grading,
    references: References,
    spec: CheckSpec,
    expected: Expectation,
    made: _Made,
) -> CheckResult:
    if expected.fault:
        return _result(spec, Verdict.AUTHOR_ERROR, message=AUTHORS_FAULT)
    if isinstance(made.seen, Failure):
        return _say_failure(spec, made.seen, made)
    try:
        difference = _compare(grading, references, spec, expected.value, made.seen.value)
    except JudgeError:
        return _result(spec, Verdict.AUTHOR_ERROR, message=JUDGES_FAULT)
    if difference is not None and spec.hidden:
        difference = withhold(difference)
    verdict = Verdict.WRONG if difference else Verdict.ACCEPTED
    return _result(spec, verdict, difference=difference, output=made.output, wall_s=made.wall_s)


def _compare(
    grading: _Grading, references: References, spec: CheckSpec, expected: object, got: object
) -> Difference | None:
    """Judge two observations as the check says.

    Raises:
        JudgeError: if the author's own judge gave no verdict.
        SandboxError: if that judge could not be asked.
    """
    if spec.judge is None:
        return compare(expected, got, spec.tolerance, device=grading.device)
    if spec.judge.is_own:
        return references.judge(grading.exercise, spec, expected, got)
    return judge(spec.judge, expected, got, spec.tolerance, device=grading.device)


def _say_failure(spec: CheckSpec, failure: Failure, made: _Made) -> CheckResult:
    if spec.hidden:
        return _result(spec, failure.verdict, message=_say_little(failure))
    return _result(
        spec,
        failure.verdict,
        message=failure.message,
        traceback=say_traceback(failure),
        output=made.output,
        wall_s=made.wall_s,
    )


def _say_little(failure: Failure) -> str:
    """Say what happened in a hidden check in none of the submission's words.

    It could carry the check's code out in what it raises, be it by choosing among Python's own
    errors, and in the status that it ends with.
    """
    if failure.verdict is Verdict.MEMORY_LIMIT:
        return "There was not enough memory here."
    if not failure.is_final:
        return "Your code raised an error here."
    if failure.verdict is Verdict.RUNTIME_ERROR:
        return "The process ended here, or gave no valid reply."
    return failure.message


def _skip_rest(grading: _Grading) -> None:
    made = {result.name for result in grading.results}
    for spec in grading.checks:
        if spec.name not in made:
            grading.is_cut_short = True
            message = "Not made: the submission was stopped before."
            grading.add(_result(spec, Verdict.SKIPPED, message=message))


def _result(spec: CheckSpec, verdict: Verdict, **details: object) -> CheckResult:
    return CheckResult(
        name=spec.name,
        sentence=spec.sentence,
        points=spec.points,
        verdict=verdict,
        hidden=spec.hidden,
        **details,  # type: ignore[arg-type]  # the callers above name its fields
    )


def _report(pool: Pool, grading: _Grading) -> Report:
    verdict = worst([grading.stop, *(result.verdict for result in grading.results)])
    return Report(
        exercise=grading.exercise.key,
        exercise_hash=grading.exercise.hash,
        verdict=verdict,
        score=_score(grading.results),
        checks=tuple(grading.results),
        message=grading.message,
        information=tuple(grading.information),
        misconception=_find_misconception(grading, verdict),
        seed=grading.seed,
        device=grading.device,
        torch_version=pool.torch_version,
        level=str(pool.level),
        wall_s=grading.wall_s or 0.0,
        cpu_s=grading.cpu_s,
    )


def _score(results: Sequence[CheckResult]) -> float:
    possible = sum(result.points for result in results)
    earned = sum(result.points for result in results if result.verdict is Verdict.ACCEPTED)
    return earned / possible if possible else 0.0


def _find_misconception(grading: _Grading, verdict: Verdict) -> str:
    """Name the mistake whose known submissions end the same and fail exactly these checks.

    Nothing is named where several mistakes fit, where not all checks were come to, or where
    only hidden checks failed and none of them saw a wrong result: an error has many causes.
    """
    failed = caught_by(grading.results)
    all_made = len(grading.checks) == len(grading.exercise.checks) and not grading.is_cut_short
    has_told = any(result.name in failed and _tells_mistake(result) for result in grading.results)
    if not all_made or not has_told:
        return ""
    tags = {
        sample.misconception
        for sample in grading.exercise.submissions
        if sample.caught_by == failed and sample.verdict is verdict
    }
    return grading.exercise.misconceptions.get(tags.pop(), "") if len(tags) == 1 else ""


def _tells_mistake(result: CheckResult) -> bool:
    return not result.hidden or result.verdict is Verdict.WRONG


def caught_by(results: Sequence[CheckResult]) -> frozenset[str]:
    """Return the names of the checks that were made and not passed."""
    passed = (Verdict.ACCEPTED, Verdict.SKIPPED)
    return frozenset(result.name for result in results if result.verdict not in passed)
