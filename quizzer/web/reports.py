"""What became of a submission, in the words of the page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import zip_longest

from quizzer.services.submitting import (
    CheckResult,
    Excerpt,
    Exercise,
    PastSubmissionView,
    Report,
    SubmissionState,
    SubmissionView,
    Verdict,
)
from quizzer.web.verdicts import (
    is_quotation,
    say_difference,
    say_headline,
    say_outcome,
    say_state,
    say_value,
    shorten,
)

_TONES = {"✓": "good", "≠": "bad", "✗": "stopped", "○": "soft"}
STARTER = "starter"  # beside ids of attempts, the name of what one begins with
_TROUBLES = ("≠", "✗", "!")  # another result, no result, and somebody else's fault
_SIGNS = {Verdict.ACCEPTED: "✓", Verdict.SKIPPED: "○", Verdict.WRONG: "≠"}
_BOXES = {Verdict.ACCEPTED: "right", Verdict.WRONG: "wrong", Verdict.SKIPPED: ""}
_UNTOUCHED = "○ Not begun yet: this is the starter as it came."
_FOLDED_FROM = 2  # checks that say the same: fewer are shown one by one


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownCheck:
    """One line of the list of checks.

    Attributes:
        result: None while the check has not been judged.
        is_running: whether it is the one that is being judged.
        is_open: whether its details are unfolded.
    """

    name: str
    sentence: str
    points: float
    result: CheckResult | None = None
    is_running: bool = False
    is_open: bool = False

    @property
    def state(self) -> str:
        """What became of it, in words."""
        if self.result is None:
            return "running" if self.is_running else "waiting"
        return say_state(self.result)

    @property
    def sign(self) -> str:
        """The state as one character."""
        if self.result is None:
            return "▸" if self.is_running else "·"
        if not self.result.verdict.counts_as_try:
            return "!"
        return _SIGNS.get(self.result.verdict, "✗")

    @property
    def is_trouble(self) -> bool:
        """Whether there is something to mend, by whomever."""
        return self.sign in _TROUBLES

    @property
    def tone(self) -> str:
        """The state as a class of the style sheet."""
        return _TONES.get(self.sign, "soft")

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
        return "" if difference is None else say_difference(difference)

    @property
    def message(self) -> str:
        """Why it did not pass, as short as it can be read."""
        return "" if self.result is None else shorten(self.result.message)

    @property
    def is_quoted(self) -> bool:
        """Whether the message quotes Python."""
        return self.result is not None and is_quotation(self.result.verdict)

    @property
    def excerpt(self) -> Excerpt | None:
        """The cells of two tensors around the place where they differ, and what the two are."""
        difference = None if self.result is None else self.result.difference
        return None if difference is None else difference.excerpt

    @property
    def expected(self) -> str:
        """What the reference shows where the two differ; empty where the excerpt says more."""
        return self._say("expected")

    @property
    def got(self) -> str:
        """What the submission shows where the two differ; empty where the excerpt says more."""
        return self._say("got")

    def _say(self, side: str) -> str:
        difference = None if self.result is None else self.result.difference
        if difference is None or _says_more(self.excerpt):
            return ""
        return say_value(getattr(difference, side))


def _says_more(excerpt: Excerpt | None) -> bool:
    """Whether an excerpt holds what differs: cells, or forms that are not the same."""
    if excerpt is None:
        return False
    return bool(excerpt.rows) or excerpt.expected_form != excerpt.got_form


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownGroup:
    """Checks that belong together: those in `shown` in full, the `folded` ones behind a summary."""

    shown: tuple[ShownCheck, ...]
    folded: tuple[ShownCheck, ...] = ()
    sign: str = ""
    summary: str = ""

    @property
    def tone(self) -> str:
        """The sign as a class of the style sheet."""
        return _TONES.get(self.sign, "")

    @property
    def is_trouble(self) -> bool:
        """Whether there is something to mend in each of them."""
        return self.sign in _TROUBLES


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownRun:
    """A submission's grading on a page, or the list of checks before there is one.

    Attributes:
        progress: while it is live, how far it is, as of `submitting.find_progress`.
    """

    checks: tuple[ShownCheck, ...]
    submission_id: int | None = None
    is_live: bool = False
    progress: str = ""
    headline: str = ""
    tone: str = ""
    message: str = ""
    is_quoted: bool = False
    misconception: str = ""
    information: tuple[str, ...] = ()
    footnote: str = ""

    @property
    def judged(self) -> int:
        """How many checks have a result."""
        return sum(check.result is not None for check in self.checks)

    @property
    def groups(self) -> tuple[ShownGroup, ...]:
        """The checks as they are shown: in their order, or once some failed these first."""
        has_failed = not self.is_live and any(check.is_trouble for check in self.checks)
        is_stopped = not has_failed and any(check.sign == "○" for check in self.checks)
        if has_failed or is_stopped:
            return _group(self.checks)
        return (ShownGroup(shown=self.checks),)


@dataclass(frozen=True, slots=True, kw_only=True)
class PastAttempt:
    """One line of the attempt history.

    Attributes:
        counts: whether it can be the best.
        before: what to compare it with: the id of the attempt before it, or STARTER.
    """

    id: int
    number: int
    at: datetime
    outcome: str
    is_current_version: bool
    counts: bool
    before: str


def show_run(exercise: Exercise, view: SubmissionView | None) -> ShownRun:
    """Return what the page says of a submission, or of none."""
    if view is None:
        return ShownRun(checks=_list_checks(exercise, ()))
    if view.report is not None:
        return _show_report(exercise, view, view.report)
    checks = _list_checks(exercise, view.partial)
    return ShownRun(
        checks=_mark_running(checks) if view.state is SubmissionState.RUNNING else checks,
        submission_id=view.id,
        is_live=not view.is_settled,
        progress=view.progress,
        headline=_describe_wait(view),
    )


def _show_report(exercise: Exercise, view: SubmissionView, report: Report) -> ShownRun:
    is_try = report.verdict.counts_as_try
    is_untouched = is_starter(exercise, view.source) and report.verdict is not Verdict.ACCEPTED
    return ShownRun(
        checks=_open_first(_list_checks(exercise, report.checks)),
        submission_id=view.id,
        headline=_UNTOUCHED if is_untouched else _say_outcome(exercise, report),
        tone="" if is_untouched else _BOXES.get(report.verdict, "stopped" if is_try else "fault"),
        message=shorten(report.message),
        is_quoted=is_quotation(report.verdict),
        misconception=report.misconception,
        information=report.information,
        footnote=f"Graded in {report.wall_s:.2f} s on {report.device} with torch "
        f"{report.torch_version}. New inputs were drawn for it, from the seed {report.seed}, which "
        "repeats them.",
    )


def _say_outcome(exercise: Exercise, report: Report) -> str:
    """Return the verdict, and once something has been earned how much."""
    headline = say_headline(report, exercise.entry)
    if not report.verdict.counts_as_try or not report.score:
        return headline
    return f"{headline} {round(report.score * 100)}\N{NO-BREAK SPACE}% of the points."


def _describe_wait(view: SubmissionView) -> str:
    match view.state:
        case SubmissionState.RUNNING:
            return "Grading now …"
        case SubmissionState.QUEUED:
            return _describe_place(view.place)
        case SubmissionState.PARKED:
            return "Grading failed on our side, more than once. This does not count."
        case _:
            return "Kept, but not graded: a newer attempt took its place."


def _describe_place(place: int | None) -> str:
    waiting = f"Waiting to be graded, number {place} in the queue …"
    is_next = place == 1  # and still waits: the worker may have been started with the server
    return f"{waiting} The first grading takes some seconds." if is_next else waiting


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


def _mark_running(checks: tuple[ShownCheck, ...]) -> tuple[ShownCheck, ...]:
    """Mark the first check that has no result: they are made in their order."""
    first = next((check.name for check in checks if check.result is None), None)
    return tuple(replace(check, is_running=check.name == first) for check in checks)


def _open_first(checks: tuple[ShownCheck, ...]) -> tuple[ShownCheck, ...]:
    """Open the details of the first check that failed."""
    first = next((check.name for check in checks if check.is_trouble), None)
    return tuple(replace(check, is_open=check.name == first) for check in checks)


def _group(checks: tuple[ShownCheck, ...]) -> tuple[ShownGroup, ...]:
    """Put what failed first, equal failures once; then what was not run, and what passed."""
    failures: dict[object, list[ShownCheck]] = {}
    for check in checks:
        if check.is_trouble:
            failures.setdefault(_find_likeness(check), []).append(check)
    return (
        *(_fold_alike(alike) for alike in failures.values()),
        *_fold_quiet(checks, "○", "not run"),
        *_fold_quiet(checks, "✓", "passed"),
    )


def _find_likeness(check: ShownCheck) -> object:
    """Return what two failures have in common if they are one; what gives other values is not."""
    result = check.result
    if result is None or result.verdict is Verdict.WRONG:
        return check.name
    return (result.verdict, *result.error)


def _fold_alike(alike: Sequence[ShownCheck]) -> ShownGroup:
    first, *more = alike
    summary = f"and {len(more)} more: {first.state}" if more else ""
    return ShownGroup(shown=(first,), folded=tuple(more), sign=first.sign, summary=summary)


def _fold_quiet(checks: tuple[ShownCheck, ...], sign: str, what: str) -> tuple[ShownGroup, ...]:
    quiet = tuple(check for check in checks if check.sign == sign)
    if len(quiet) < _FOLDED_FROM:
        return (ShownGroup(shown=quiet, sign=sign),) if quiet else ()
    return (ShownGroup(shown=(), folded=quiet, sign=sign, summary=f"{len(quiet)} checks {what}"),)


def list_history(past: Sequence[PastSubmissionView]) -> tuple[PastAttempt, ...]:
    """Return the lines of the history, the newest first as they came."""
    return tuple(
        PastAttempt(
            id=one.id,
            number=len(past) - index,
            at=one.at,
            outcome=_describe_outcome(one),
            is_current_version=one.is_current_version,
            counts=one.counts,
            before=_name(older),
        )
        for index, (one, older) in enumerate(zip_longest(past, past[1:]))
    )


def find_before(past: Sequence[PastSubmissionView], one: PastSubmissionView) -> str:
    """Return the name of what came before an attempt: another one's id, or STARTER."""
    older = past[past.index(one) + 1 :]
    return _name(older[0] if older else None)


def _name(past: PastSubmissionView | None) -> str:
    return STARTER if past is None else str(past.id)


def _describe_outcome(past: PastSubmissionView) -> str:
    if past.verdict is None:
        return "not graded" if past.state.is_settled else "waiting"
    if not past.verdict.counts_as_try or past.score is None:
        return "could not be graded"
    words = say_outcome(past.verdict)
    return f"{round(past.score * 100)} %, {words}" if past.score else words


def find_best(past: Sequence[PastSubmissionView]) -> float | None:
    """Return the best score in [0, 1] of all graded attempts that count, or None."""
    scores = [
        one.score
        for one in past
        if one.counts and one.score is not None and one.verdict and one.verdict.counts_as_try
    ]
    return max(scores, default=None)


def is_solved(past: Sequence[PastSubmissionView]) -> bool:
    """Whether one of the attempts passed every check, whether it counts or not."""
    return any(one.verdict is Verdict.ACCEPTED for one in past)


def is_starter(exercise: Exercise, source: bytes) -> bool:
    """Whether a submission is the starter as it came, but for blanks at the ends of lines."""
    return _strip(source.decode("utf-8", "replace")) == _strip(exercise.starter)


def _strip(source: str) -> list[str]:
    return [line.rstrip() for line in source.strip().splitlines()]
