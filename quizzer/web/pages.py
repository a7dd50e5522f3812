"""The home page, the reader's choices of colours and keys, and the health check."""

from __future__ import annotations

from flask import Blueprint, jsonify, redirect, render_template, request, url_for
from sqlalchemy import text
from werkzeug.wrappers import Response

from quizzer.banks.library import Library
from quizzer.errors import InvalidResponseError
from quizzer.services.activity import get_week
from quizzer.services.progress import get_progress
from quizzer.services.projects import list_project_exercises
from quizzer.services.resuming import list_open_attempts
from quizzer.services.reviewing import get_queue
from quizzer.services.submitting import Exercise
from quizzer.web import sessions
from quizzer.web.advice import advise
from quizzer.web.forms import read_local_path
from quizzer.web.lessons import NOBODY
from quizzer.web.overview import sum_up
from quizzer.web.site import get_site

blueprint = Blueprint("pages", __name__)

_YEAR_S = 365 * 24 * 3600
_CHOICES = {
    "theme": ("auto", "light", "dark"),
    "keys": ("on", "off"),
    "clock": ("shown", "hidden"),
}


@blueprint.get("/")
def home() -> str:
    """Say what to do now, and show the lessons."""
    site, user = get_site(), sessions.find_user()
    library, now, user_id = site.library.current(), site.now(), user.id if user else NOBODY
    projects = _list_projects(library)
    with site.database.snapshot() as session:
        progress = get_progress(session, library, user_id=user_id, now=now)
        left_open = list_open_attempts(session, library, user_id=user_id, now=now)
        queue = get_queue(session, library, site.exercises.current(), user_id=user_id, now=now)
        week = get_week(session, user_id=user_id, now=now)
    return render_template(
        "pages/home.html",
        advice=advise(progress, sum(projects.values(), ()), left_open, queue),
        lessons=[
            (library.lessons[one.lesson], sum_up(one, projects[one.lesson]))
            for one in progress.lessons
        ],
        week=week if user else None,
    )


@blueprint.post("/theme")
def choose_theme() -> Response:
    """Remember light, dark, or as the system says."""
    return _remember_choice("theme")


@blueprint.post("/keys")
def choose_keys() -> Response:
    """Remember whether single keys do things."""
    return _remember_choice("keys")


@blueprint.post("/clock")
def choose_clock() -> Response:
    """Remember whether the time left is shown; the server keeps it in any case."""
    return _remember_choice("clock")


@blueprint.get("/healthz")
def check_health() -> Response:
    """Say that the process answers and its database too."""
    with get_site().database.snapshot() as session:
        session.execute(text("SELECT 1"))
    return jsonify(status="ok")


@blueprint.get("/favicon.ico")
def show_icon() -> Response:
    """Lead browsers that ask for the old name to the icon."""
    return redirect(url_for("static", filename="icon.svg"), 302)


def _list_projects(library: Library) -> dict[str, tuple[Exercise, ...]]:
    """Return the exercises of each lesson's project, by the lesson's id."""
    shelf = get_site().exercises
    known, listed = shelf.current(), shelf.listed()
    return {
        name: list_project_exercises(library, known, listed, lesson=name)
        for name in library.lessons
    }


def _remember_choice(name: str) -> Response:
    value = request.form.get(name, "")
    if value not in _CHOICES[name]:
        raise InvalidResponseError("There is no such choice.")
    response = redirect(read_local_path(request.form), 303)
    response.set_cookie(
        name, value, max_age=_YEAR_S, httponly=True, samesite="Lax", secure=request.is_secure
    )
    return response
