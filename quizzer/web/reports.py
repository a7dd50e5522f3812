"""What became of a submission, in the words of the page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from quizzer.services.submitting import (
    CheckResult,
    Exercise,
    Report,
    SubmissionState,
    SubmissionView,
    Verdict,
)

_STATES = {
    Verdict.ACCEPTED: "passed",
    Verdict.WRONG: "gives something else",
    Verdict.SKIPPED: "not run, because a check that it builds on failed",
    Verdict.RUNTIME_ERROR: "your code raised an exception",
    Verdict.TIME_LIMIT: "took too long",
    Verdict.MEMORY_LIMIT: "needed too much memory",
    Verdict.OUTPUT_LIMIT: "printed too much",
    Verdict.FORBIDDEN: "uses what this exercise forbids",
    Verdict.SYNTAX_ERROR: "is not valid Python",
    Verdict.AUTHOR_ERROR: "could not be judged: the exercise is at fault",
    Verdict.PLATFORM_ERROR: "could not be judged: the platform is at fault",
}

_HEADLINES = {
    Verdict.ACCEPTED: "✓ All checks passed.",
    Verdict.WRONG: "✗ Not yet: a check saw something else.",
    Verdict.SKIPPED: "✗ Not yet: some checks were not run.",
    Verdict.RUNTIME_ERROR: "✗ Your code raised an exception.",
    Verdict.TIME_LIMIT: "✗ Your code took too long.",
    Verdict.MEMORY_LIMIT: "✗ Your code needed too much memory.",
    Verdict.OUTPUT_LIMIT: "✗ Your code printed too much.",
    Verdict.FORBIDDEN: "✗ Your code uses what this exercise forbids.",
    Verdict.SYNTAX_ERROR: "✗ This is not valid Python.",
    Verdict.AUTHOR_ERROR: "The exercise has a mistake of its author's. This is no try of yours.",
    Verdict.PLATFORM_ERROR: "Grading failed on our side. This is no try of yours.",
}

_DIFFERENCES = {
    "structure": "another structure",
    "shape": "another shape",
    "dtype": "another dtype",
    "device": "another device",
    "requires_grad": "another requires_grad",
    "nonfinite": "NaN or infinity",
    "values": "other values",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownCheck:
    """One line of the list of checks. `result` is None while the check has not been judged."""

    name: str
    sentence: str
    points: float
    result: CheckResult | None = None
    is_open: bool = False

    @property
    def state(self) -> str:
        """What became of it, in words."""
        return "waiting" if self.result is None else _STATES[self.result.verdict]

    @property
    def sign(self) -> str:
        """The state as one character."""
        if self.result is None:
            return "·"
        return {Verdict.ACCEPTED: "✓", Verdict.SKIPPED: "○"}.get(self.result.verdict, "✗")

    @property
    def tone(self) -> str:
        """The state as a class of the style sheet."""
        return {"✓": "good", "✗": "bad"}.get(self.sign, "soft")

    @property
    def has_details(self) -> bool:
        """Whether there is more to say than that it passed."""
        result = self.result
        return result is not None and (
            result.verdict not in (Verdict.ACCEPTED, Verdict.SKIPPED) or bool(result.output)
        )

    @property
    def difference_title(self) -> str:
        """In which respect what was seen differs."""
        difference = None if self.result is None else self.result.difference
        return "" if difference is None else _DIFFERENCES.get(difference.kind, difference.kind)


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownRun:
    """A submission's grading on a page, or the list of checks before there is one."""

    checks: tuple[ShownCheck, ...]
    submission_id: int | None = None
    is_live: bool = False
    headline: str = ""
    tone: str = ""
    message: str = ""
    misconception: str = ""
    information: tuple[str, ...] = ()
    footnote: str = ""

    @property
    def judged(self) -> int:
        """How many checks have a result."""
        return sum(check.result is not None for check in self.checks)


@dataclass(frozen=True, slots=True, kw_only=True)
class PastAttempt:
    """One line of the attempt history."""

    id: int
    number: int
    at: datetime
    outcome: str
    is_current_version: bool


def show_run(exercise: Exercise, view: SubmissionView | None) -> ShownRun:
    """Return what the page says of a submission, or of none."""
    if view is None:
        return ShownRun(checks=_list_checks(exercise, ()))
    if view.report is not None:
        return _show_report(exercise, view, view.report)
    return ShownRun(
        checks=_list_checks(exercise, view.partial),
        submission_id=view.id,
        is_live=not view.is_settled,
        headline=_describe_wait(view),
    )


def _show_report(exercise: Exercise, view: SubmissionView, report: Report) -> ShownRun:
    percent = round(report.score * 100)
    is_try = report.verdict.counts_as_try
    accepted = report.verdict is Verdict.ACCEPTED
    return ShownRun(
        checks=_open_first(_list_checks(exercise, report.checks)),
        submission_id=view.id,
        headline=_HEADLINES[report.verdict]
        + (f" {percent}\N{NO-BREAK SPACE}% of the points." if is_try else ""),
        tone="right" if accepted else ("wrong" if is_try else ""),
        message=report.message,
        misconception=report.misconception,
        information=report.information,
        footnote=f"Graded in {report.wall_s:.2f} s on {report.device} with torch "
        f"{report.torch_version}, seed {report.seed}.",
    )


def _describe_wait(view: SubmissionView) -> str:
    match view.state:
        case SubmissionState.RUNNING:
            return "Grading now …"
        case SubmissionState.QUEUED:
            return f"Waiting for a worker, number {view.place} in the queue …"
        case SubmissionState.PARKED:
            return "Grading failed on our side, more than once. This is no try of yours."
        case _:
            return "Kept, but not graded: a newer attempt took its place."


def _list_checks(exercise: Exercise, results: Sequence[CheckResult]) -> tuple[ShownCheck, ...]:
    """Return the exercise's checks with their results; a report of older checks has its own."""
    by_name = {result.name: result for result in results}
    known = {check.name for check in exercise.checks}
    if not by_name.keys() <= known:
        return tuple(_show_check(result.name, result) for result in results)
    return tuple(
        ShownCheck(
            name=check.name,
            sentence=check.sentence,
            points=check.points,
            result=by_name.get(check.name),
        )
        for check in exercise.checks
    )


def _show_check(name: str, result: CheckResult) -> ShownCheck:
    return ShownCheck(name=name, sentence=result.sentence, points=result.points, result=result)


def _open_first(checks: tuple[ShownCheck, ...]) -> tuple[ShownCheck, ...]:
    """Open the details of the first check that failed."""
    first = next((check.name for check in checks if check.tone == "bad"), None)
    return tuple(
        ShownCheck(
            name=check.name,
            sentence=check.sentence,
            points=check.points,
            result=check.result,
            is_open=check.name == first,
        )
        for check in checks
    )


def list_history(views: Sequence[SubmissionView]) -> tuple[PastAttempt, ...]:
    """Return the lines of the history, the newest first as they came."""
    return tuple(
        PastAttempt(
            id=view.id,
            number=len(views) - index,
            at=view.at,
            outcome=_describe_outcome(view),
            is_current_version=view.is_current_version,
        )
        for index, view in enumerate(views)
    )


def _describe_outcome(view: SubmissionView) -> str:
    if view.report is None:
        return "not graded" if view.is_settled else "waiting"
    if not view.report.verdict.counts_as_try:
        return "could not be graded"
    return f"{round(view.report.score * 100)} %, {view.report.verdict.replace('_', ' ')}"


def find_best(views: Sequence[SubmissionView]) -> float | None:
    """Return the best score in [0, 1] of all graded attempts, or None."""
    scores = [
        view.report.score
        for view in views
        if view.report is not None and view.report.verdict.counts_as_try
    ]
    return max(scores, default=None)
