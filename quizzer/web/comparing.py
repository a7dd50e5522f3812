"""Two attempts at an exercise side by side: their code, and what the checks said of each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from flask import Blueprint, render_template, request

from quizzer.domain.comparing import MOST_LINES, compare_sources
from quizzer.errors import NotFoundError
from quizzer.services.submitting import Exercise, PastSubmissionView
from quizzer.web.exercises import decode, get_exercise, get_own, list_own
from quizzer.web.reports import (
    STARTER,
    PastAttempt,
    ShownCheck,
    find_before,
    list_history,
    show_run,
)

blueprint = Blueprint("comparing", __name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """One of the two; of the starter, `at` is None and nothing was checked."""

    name: str
    title: str
    source: str
    outcome: str = ""
    at: datetime | None = None
    checks: tuple[ShownCheck, ...] = ()


@blueprint.get("/exercises/<lesson>/<name>/compare")
def show(lesson: str, name: str) -> str:
    """Show two attempts side by side: the two latest unless others are asked for."""
    exercise = get_exercise(f"{lesson}/{name}")
    past = list_own(exercise)
    names = _choose(past)
    left, right = (_load(exercise, past, one) for one in names)
    before = {check.name: check for check in left.checks}
    return render_template(
        "exercises/compare.html",
        exercise=exercise,
        history=list_history(past),
        left=left,
        right=right,
        comparison=compare_sources(left.source, right.source),
        most_lines=MOST_LINES,
        # An attempt of an earlier version has that version's checks.
        checks=tuple((before[one.name], one) for one in right.checks if one.name in before),
    )


def _choose(past: Sequence[PastSubmissionView]) -> tuple[str, str]:
    """Return the names that the address asks for."""
    right = request.args.get("right") or (str(past[0].id) if past else STARTER)
    latest = next((one for one in past if str(one.id) == right), None)
    left = request.args.get("left") or (find_before(past, latest) if latest else STARTER)
    return left, right


def _load(exercise: Exercise, past: Sequence[PastSubmissionView], name: str) -> Compared:
    if name == STARTER:
        return Compared(name=name, title="The starter", source=exercise.starter)
    row = _find_row(past, name)
    view = get_own(row.id)
    return Compared(
        name=name,
        title=f"Attempt {row.number}",
        source=decode(view.source),
        outcome=row.outcome,
        at=row.at,
        checks=show_run(exercise, view).checks,
    )


def _find_row(past: Sequence[PastSubmissionView], name: str) -> PastAttempt:
    row = next((row for row in list_history(past) if str(row.id) == name), None)
    if row is None:
        raise NotFoundError("There is no such attempt of yours.")
    return row
