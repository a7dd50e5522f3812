"""A key that was mended: whose score would change, and the button that changes it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from quizzer.domain.modes import Scoring
from quizzer.domain.people import name_user
from quizzer.domain.questions import Question
from quizzer.errors import ConflictError
from quizzer.services import rescoring
from quizzer.services.rescoring import Preview, ScoreChange, Total
from quizzer.web import sessions
from quizzer.web.site import get_site

blueprint = Blueprint("rescoring", __name__)

MOST_SHOWN = 200
_NOTHING_LEFT = "Nothing was left to do: every answer that can be is scored by this key."


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownChange:
    """One attempt whose score for the question would change, in words.

    Attributes:
        at: when it was closed, else when it was begun.
        question: what the question comes to, before and after.
        total: what the attempt comes to, before and after; empty where it gives no points yet.
    """

    user_name: str
    mode: str
    at: datetime
    is_open: bool
    question: tuple[str, str]
    total: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """How many would be touched, and how far.

    Attributes:
        learners, attempts: whose score for the question would change, and in how many attempts.
        up, down: attempts in which it would earn more, and less.
        tests: closed tests whose total would change.
        test_shift: by how much on average, in hundredths.
    """

    learners: int
    attempts: int
    up: int
    down: int
    tests: int
    test_shift: float


@blueprint.get("/author/banks/<bank>/items/<item>/rescore")
def show(bank: str, item: str) -> str:
    """Show whose score would change if all were scored by the present key of an item."""
    sessions.require_instructor()
    site = get_site()
    library, key = site.library.current(), f"{bank}/{item}"
    with site.database.snapshot() as session:
        preview = rescoring.look(session, library, item_key=key, now=site.now())
        past = rescoring.list_past(session, item_key=key)
    return render_template(
        "author/rescore.html",
        bank=library.banks[bank],
        item=preview.item,
        preview=preview,
        past=past,
        summary=summarize(preview.changes),
        changes=[_show(change) for change in preview.changes[:MOST_SHOWN]],
    )


@blueprint.post("/author/banks/<bank>/items/<item>/rescore")
def apply(bank: str, item: str) -> Response:
    """Do what the preview showed, unless it would be something else by now."""
    instructor = sessions.require_instructor()
    flash(_apply(f"{bank}/{item}", actor=name_user(instructor.id)))
    return redirect(url_for("rescoring.show", bank=bank, item=item), 303)


def _apply(key: str, *, actor: str) -> str:
    """Return what came of it."""
    site = get_site()
    try:
        with site.database.transaction() as session:
            done = rescoring.apply(
                session,
                site.library.current(),
                item_key=key,
                revision=request.form.get("revision", ""),
                digest=request.form.get("digest", ""),
                actor=actor,
                now=site.now(),
            )
    except ConflictError as error:
        return str(error)
    return _NOTHING_LEFT if done.is_empty else _name_done(done)


def _name_done(done: Preview) -> str:
    changed = len(done.changes)
    return (
        f"Applied: the score of {changed} attempt{'' if changed == 1 else 's'} was changed,"
        f" and {done.same} stay{'s' if done.same == 1 else ''} as {_was(done.same)}."
    )


def _was(count: int) -> str:
    return "it was" if count == 1 else "they were"


def summarize(changes: Sequence[ScoreChange]) -> Summary:
    """Return how many would be touched, and how far."""
    shifts = [
        change.total_after.score - change.total_before.score
        for change in changes
        if change.before.mode.scoring is Scoring.SCORE
        and change.total_after
        and change.total_before
    ]
    gains = [change.after.earned - change.before.earned for change in changes]
    return Summary(
        learners=len({change.attempt.user_id for change in changes}),
        attempts=len(changes),
        up=sum(gain > 0 for gain in gains),
        down=sum(gain < 0 for gain in gains),
        tests=len(shifts),
        test_shift=100 * sum(shifts) / len(shifts) if shifts else 0.0,
    )


def _show(change: ScoreChange) -> ShownChange:
    attempt = change.attempt
    return ShownChange(
        user_name=change.user_name,
        mode=change.before.mode.title,
        at=attempt.closed_at or attempt.started_at,
        is_open=attempt.closed_at is None,
        question=(_name_question(change.before), _name_question(change.after)),
        total=tuple(_name_totals(change)),
    )


def _name_question(question: Question) -> str:
    """Return how it went, and what it earned where that does not go without saying."""
    verdict = "not right" if question.is_missed else "right"
    is_plain = question.earned == float(not question.is_missed)
    return verdict if is_plain else f"{verdict}, {_percent(question.earned)}"


def _name_totals(change: ScoreChange) -> Iterable[str]:
    for total in (change.total_before, change.total_after):
        if total is not None and change.before.mode.gives_points:
            yield _percent(total.score)
        elif total is not None and change.before.mode.scoring is Scoring.BADGE:
            yield _name_badge(total)


def _name_badge(total: Total) -> str:
    return "badge" if total.has_badge else "no badge"


def _percent(share: float) -> str:
    return f"{100 * share:.0f}\N{NO-BREAK SPACE}%"
