"""Exercises: the statement, the editor, the live list of checks, and earlier attempts."""

from __future__ import annotations

import secrets
from collections.abc import Sequence

from flask import Blueprint, Response, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from quizzer.banks.rendering import render_text
from quizzer.domain.items import Text
from quizzer.errors import NotFoundError
from quizzer.services import resuming, submitting
from quizzer.services.accounts import User
from quizzer.services.submitting import Exercise, PastSubmissionView, SubmissionView
from quizzer.web import sessions
from quizzer.web.forms import read_source
from quizzer.web.reports import find_best, list_history, show_run
from quizzer.web.site import get_site

blueprint = Blueprint("exercises", __name__)

_STARTER = "starter"


@blueprint.get("/exercises/<lesson>/<name>")
def show(lesson: str, name: str) -> str:
    """Show an exercise with the latest attempt, or the one asked for, in the editor."""
    exercise = get_exercise(f"{lesson}/{name}")
    past = list_own(exercise)
    hints = max(0, request.args.get("hints", 0, int))
    return render_template(
        "exercises/show.html",
        statement_html=_render(exercise.statement),
        hints_html=[_render(hint) for hint in exercise.hints[:hints]],
        **_choose_code(exercise, past, request.args.get("attempt", "")),
        form_key=secrets.token_urlsafe(16),
        lesson=get_site().library.current().lessons.get(lesson),
    )


@blueprint.post("/exercises/<lesson>/<name>/submissions")
def submit(lesson: str, name: str) -> AnyResponse:
    """Keep a submission and have it graded; a visitor becomes a guest."""
    exercise = get_exercise(f"{lesson}/{name}")
    form_key = request.form.get("form_key", "")
    submitting.require_acceptable(exercise, idempotency_key=form_key)  # makes no guest in vain
    _hand_in(exercise, sessions.ensure_user_now(), form_key)
    return redirect(url_for("exercises.show", lesson=lesson, name=name), 303)


@blueprint.get("/submissions/<id:submission_id>")
def show_submission(submission_id: int) -> Response:
    """Show one attempt; to the page's script, only what became of it."""
    view = _get_own(submission_id)
    exercise = get_exercise(view.exercise_key)
    if request.headers.get("X-Fragment") == "run":
        response = make_response(_render_fragment(exercise, view))
    else:
        words = _describe(exercise, list_own(exercise), view)
        source = _decode(view.source)
        page = render_template("exercises/submission.html", **words, view=view, source=source)
        response = make_response(page)
    response.vary.add("X-Fragment")
    return response


def _render_fragment(exercise: Exercise, view: SubmissionView) -> str:
    """Only the checks while there is more to come; it is asked for again and again."""
    if not view.is_settled:
        return render_template("exercises/_run.html", run=show_run(exercise, view))
    return render_template("exercises/_live.html", **_describe(exercise, list_own(exercise), view))


def get_exercise(key: str) -> Exercise:
    """Return an exercise in service.

    Raises:
        NotFoundError: if there is none of that key.
    """
    exercise = get_site().exercises.current().get(key)
    if exercise is None:
        raise NotFoundError("There is no exercise of this name.")
    return exercise


def list_own(exercise: Exercise) -> tuple[PastSubmissionView, ...]:
    """Return this user's attempts at an exercise, the newest first; none for a visitor."""
    site, user = get_site(), sessions.find_user()
    if user is None:
        return ()
    with site.database.snapshot() as session:
        return submitting.list_submissions(
            session, site.exercises.current(), user_id=user.id, exercise_key=exercise.key
        )


def _get_own(submission_id: int) -> SubmissionView:
    site = get_site()
    user_id = sessions.get_user().id
    with site.database.snapshot() as session:
        return submitting.get_submission(
            session, site.exercises.current(), submission_id=submission_id, user_id=user_id
        )


def _hand_in(exercise: Exercise, user: User, form_key: str) -> None:
    site = get_site()
    submitting.hand_in(
        site.database,
        site.exercises.current(),
        site.bell,
        user_id=user.id,
        exercise_key=exercise.key,
        source=read_source(request.form, request.files),
        idempotency_key=form_key,
        now=site.now(),
    )


def _find_shown(past: Sequence[PastSubmissionView], wanted: str) -> PastSubmissionView | None:
    if wanted == _STARTER:
        return None
    if not wanted:
        return past[0] if past else None
    found = next((one for one in past if str(one.id) == wanted), None)
    if found is None:
        raise NotFoundError("There is no such attempt of yours.")
    return found


def _choose_code(
    exercise: Exercise, past: Sequence[PastSubmissionView], wanted: str
) -> dict[str, object]:
    """Choose what is in the editor: the latest attempt unless another one is wanted."""
    found = _find_shown(past, wanted)
    loaded = ""
    if wanted:
        loaded = f"Attempt {len(past) - past.index(found)}" if found else "The starter"
    shown = _get_own(found.id) if found else None
    return {
        **_describe(exercise, past, shown),
        "source": _decode(shown.source) if shown else exercise.starter,
        "loaded": loaded,
        "shown_id": wanted or None,
    }


def _describe(
    exercise: Exercise, past: Sequence[PastSubmissionView], shown: SubmissionView | None
) -> dict[str, object]:
    best = find_best(past)
    is_solved = best == 1.0
    return {
        "exercise": exercise,
        "run": show_run(exercise, shown),
        "history": list_history(past),
        "best": best,
        "question": _find_question(exercise),
        "solution_html": _render(exercise.solution) if is_solved else "",
        "mistakes_html": _render(exercise.mistakes) if is_solved else "",
    }


def _find_question(exercise: Exercise) -> tuple[int, int] | None:
    """Return attempt and position of this user's open question that leads here, or None."""
    site, user = get_site(), sessions.find_user()
    if user is None:
        return None
    with site.database.snapshot() as session:
        return resuming.find_question(
            session, site.library.current(), user_id=user.id, exercise_key=exercise.key
        )


def _render(markdown: str) -> str:
    return render_text(Text(source=markdown, line=1)) if markdown else ""


def _decode(source: bytes) -> str:
    return source.decode("utf-8", "replace")
