"""Exercises: the statement, the editor, the live list of checks, and earlier attempts."""

from __future__ import annotations

import secrets
from collections.abc import Sequence

from flask import Blueprint, Response, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from quizzer.banks.rendering import render_text
from quizzer.domain.items import Text
from quizzer.errors import NotFoundError
from quizzer.services import submitting
from quizzer.services.submitting import Exercise, SubmissionView
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
    views = list_own(exercise)
    wanted = request.args.get("attempt", "")
    shown = _find_shown(views, wanted)
    hints = min(request.args.get("hints", 0, int), len(exercise.hints))
    return render_template(
        "exercises/show.html",
        **_describe(exercise, views, shown),
        **_render_texts(exercise, max(0, hints), is_solved=find_best(views) == 1.0),
        loaded=_name_loaded(views, shown, wanted),
        shown_id=wanted or None,
        source=_decode(shown.source) if shown else exercise.starter,
        form_key=secrets.token_urlsafe(16),
        lesson=get_site().library.current().lessons.get(lesson),
    )


@blueprint.post("/exercises/<lesson>/<name>/submissions")
def submit(lesson: str, name: str) -> AnyResponse:
    """Keep a submission and have it graded; a visitor becomes a guest."""
    site = get_site()
    with site.database.transaction() as session:
        user = sessions.ensure_user(session)
    submitting.hand_in(
        site.database,
        site.exercises.current(),
        site.bell,
        user_id=user.id,
        exercise_key=f"{lesson}/{name}",
        source=read_source(request.form, request.files),
        idempotency_key=request.form.get("form_key", ""),
        now=site.now(),
    )
    sessions.remember(user)
    return redirect(url_for("exercises.show", lesson=lesson, name=name), 303)


@blueprint.get("/submissions/<id:submission_id>")
def show_submission(submission_id: int) -> str | Response:
    """Show one attempt; to the page's script, only what became of it."""
    site = get_site()
    with site.database.snapshot() as session:
        view = submitting.get_submission(
            session,
            site.exercises.current(),
            submission_id=submission_id,
            user_id=sessions.get_user().id,
        )
    exercise = get_exercise(view.exercise_key)
    is_fragment = request.headers.get("X-Fragment") == "run"
    words = _describe(exercise, list_own(exercise), view)
    response = make_response(
        render_template("exercises/_live.html", **words)
        if is_fragment
        else render_template(
            "exercises/submission.html",
            **words,
            source=_decode(view.source),
            at=view.at,
            submission_id=view.id,
        )
    )
    response.vary.add("X-Fragment")
    return response


def get_exercise(key: str) -> Exercise:
    """Return an exercise in service.

    Raises:
        NotFoundError: if there is none of that key.
    """
    exercise = get_site().exercises.current().get(key)
    if exercise is None:
        raise NotFoundError("There is no exercise of this name.")
    return exercise


def list_own(exercise: Exercise) -> tuple[SubmissionView, ...]:
    """Return this user's attempts at an exercise, the newest first; none for a visitor."""
    site, user = get_site(), sessions.find_user()
    if user is None:
        return ()
    with site.database.snapshot() as session:
        return submitting.list_submissions(
            session, site.exercises.current(), user_id=user.id, exercise_key=exercise.key
        )


def _find_shown(views: Sequence[SubmissionView], wanted: str) -> SubmissionView | None:
    if wanted == _STARTER:
        return None
    if not wanted:
        return views[0] if views else None
    found = next((view for view in views if str(view.id) == wanted), None)
    if found is None:
        raise NotFoundError("There is no such attempt of yours.")
    return found


def _name_loaded(views: Sequence[SubmissionView], shown: SubmissionView | None, wanted: str) -> str:
    """Say what was put into the editor on request; empty for the usual."""
    if wanted == _STARTER:
        return "The starter"
    if not wanted or shown is None:
        return ""
    return f"Attempt {len(views) - views.index(shown)}"


def _describe(
    exercise: Exercise, views: Sequence[SubmissionView], shown: SubmissionView | None
) -> dict[str, object]:
    return {
        "exercise": exercise,
        "run": show_run(exercise, shown),
        "history": list_history(views),
        "best": find_best(views),
    }


def _render_texts(exercise: Exercise, hints: int, *, is_solved: bool) -> dict[str, object]:
    """Render the statement, as many hints as were asked for, and the solution once it is solved."""
    return {
        "statement_html": _render(exercise.statement),
        "hints_html": [_render(hint) for hint in exercise.hints[:hints]],
        "solution_html": _render(exercise.solution) if is_solved else "",
        "mistakes_html": _render(exercise.mistakes) if is_solved else "",
    }


def _render(markdown: str) -> str:
    return render_text(Text(source=markdown, line=1)) if markdown else ""


def _decode(source: bytes) -> str:
    return source.decode("utf-8", "replace")
