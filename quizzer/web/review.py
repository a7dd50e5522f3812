"""Spaced review: what is due today, one button, and when each thing comes back."""

from __future__ import annotations

import secrets
from datetime import datetime
from math import ceil

from flask import Blueprint, flash, redirect, render_template, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from quizzer.domain.attempts import ShownAttempt
from quizzer.services import answering, reviewing
from quizzer.services.days import find_day
from quizzer.services.reviewing import Queue
from quizzer.services.submitting import Exercise
from quizzer.web import sessions
from quizzer.web.lessons import NOBODY
from quizzer.web.reports import STARTER
from quizzer.web.site import get_site

blueprint = Blueprint("review", __name__)

_SOON_MINUTES = 90  # what comes back within them is told in minutes
_FAR_DAYS = 14  # what comes back after them is told with its date


@blueprint.get("/review")
def show() -> str:
    """Say how much is due today, and show the way to it."""
    site, user = get_site(), sessions.find_user()
    library, now = site.library.current(), site.now()
    user_id = user.id if user else NOBODY
    with site.database.snapshot() as session:
        queue = _get_queue(session, user_id)
        left_open = reviewing.find_open_round(session, library, user_id=user_id, now=now)
    return render_template(
        "review/show.html",
        queue=queue,
        left_open=left_open,
        next_exercise=_find_exercise(queue),
        next_words="" if queue.next_at is None else tell_when(queue.next_at, now),
    )


@blueprint.post("/review/rounds")
def start() -> Response:
    """Begin a round of what is due, or go on with the open one; exercises come after it."""
    site, user = get_site(), sessions.find_user()
    if user is None:
        return _tell_nothing_is_due()
    with site.database.transaction() as session:
        shown = reviewing.start_round(
            session,
            site.library.current(),
            user_id=user.id,
            seed=secrets.randbelow(answering.LARGEST_SEED),
            now=site.now(),
        )
    if shown is None:
        exercise = find_next_exercise(user.id)
        return _lead_to(exercise) if exercise else _tell_nothing_is_due()
    return redirect(url_for("attempts.show", attempt_id=shown.attempt.id), 303)


def describe_round(shown: ShownAttempt) -> dict[str, object]:
    """Return what the pages of a round show beside its questions.

    `next_words` has, by item key, when what was answered in it comes back. What else is due is
    looked up at its end alone.
    """
    site, user_id = get_site(), sessions.get_user().id
    now = site.now()
    done = [question.item.key for question in shown.questions if question.is_done]
    is_over = not shown.is_open or len(done) == len(shown.questions)
    with site.database.snapshot() as session:
        times = reviewing.list_next_times(session, user_id=user_id, keys=done)
        queue = _get_queue(session, user_id) if is_over else None
    return {
        "next_words": {key: tell_when(due, now) for key, due in times.items()},
        "still_due": queue.due if queue else 0,
        "due_questions": len(queue.items) if queue else 0,
        "next_exercise": _find_exercise(queue) if queue else None,
    }


def find_next_exercise(user_id: int) -> Exercise | None:
    """Return the exercise that a learner is to solve again next, or None where none is due."""
    with get_site().database.snapshot() as session:
        return _find_exercise(_get_queue(session, user_id))


def tell_when(due: datetime, now: datetime) -> str:
    """Return when something comes back: in minutes or hours, tomorrow, in days."""
    minutes = ceil((due - now).total_seconds() / 60)
    days = (find_day(due) - find_day(now)).days
    if minutes <= 0:
        return "now"
    if minutes <= _SOON_MINUTES:
        return f"in {minutes} minute{'' if minutes == 1 else 's'}"
    if days == 0:
        return f"in {round(minutes / 60)} hours"
    if days == 1:
        return "tomorrow"
    date = due.astimezone()
    return f"in {days} days" + (f", on {date.day} {date:%b}" if days > _FAR_DAYS else "")


def _get_queue(session: Session, user_id: int) -> Queue:
    site = get_site()
    return reviewing.get_queue(
        session, site.library.current(), site.exercises.current(), user_id=user_id, now=site.now()
    )


def _find_exercise(queue: Queue) -> Exercise | None:
    """Return the exercise that waits longest."""
    known = get_site().exercises.current()
    return next((known[key] for key in queue.exercises), None)


def _lead_to(exercise: Exercise) -> Response:
    lesson, name = exercise.lesson, exercise.id
    here = url_for("exercises.show", lesson=lesson, name=name, attempt=STARTER)
    return redirect(here, 303)


def _tell_nothing_is_due() -> Response:
    flash("Nothing is due for review now.")
    return redirect(url_for("review.show"), 303)
