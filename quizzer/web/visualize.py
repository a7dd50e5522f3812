"""A lesson's runs, to be turned through by sliders, and the questions that close them."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from typing import Any

from flask import Blueprint, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from quizzer.domain.attempts import ShownAttempt
from quizzer.domain.items import Lesson
from quizzer.domain.traces import Setting, Traces
from quizzer.errors import InvalidResponseError, NotFoundError
from quizzer.services import answering, visualizing
from quizzer.web import sessions
from quizzer.web.attempts import run_use_case, store_response
from quizzer.web.forms import read_number
from quizzer.web.lessons import get_lesson
from quizzer.web.pictures import draw_run, sum_up
from quizzer.web.site import get_site

blueprint = Blueprint("visualize", __name__)

CLOSING = "closing"  # the anchor of the questions
_FRAGMENT = "run"


@blueprint.get("/lessons/<lesson>/visualize")
def show(lesson: str) -> Response:
    """Show the run of the setting in the address, and the closing questions.

    The page's script asks for the run alone, again and again while a slider moves.
    """
    found = get_lesson(lesson)
    traces = _get_traces(found)
    setting = read_setting(request.args, traces)
    words: dict[str, object] = {
        "pictures": draw_run(traces, setting),
        "summary": sum_up(traces, setting),
    }
    if request.headers.get("X-Fragment") == _FRAGMENT:
        page = render_template("visualize/_run.html", **words)
    else:
        words |= {"lesson": found, "traces": traces, "query": _name_setting(traces, setting)}
        words["looks"] = [(look, _name_setting(traces, look.at)) for look in traces.looks]
        page = render_template("visualize/show.html", **words, **_describe_closing(found))
    response = make_response(page)
    response.vary.add("X-Fragment")
    return response


@blueprint.post("/lessons/<lesson>/visualize/questions")
def begin(lesson: str) -> Response:
    """Begin the closing questions, or go on with them; a visitor becomes a guest."""
    site, place = get_site(), _read_place(lesson)
    with site.database.transaction() as session:
        user = sessions.ensure_user(session)
        answering.start_attempt(
            session,
            site.library.current(),
            user_id=user.id,
            mode=visualizing.MODE,
            lesson=lesson,
            seed=secrets.randbelow(answering.LARGEST_SEED),
            now=site.now(),
        )
    sessions.remember(user)
    return _return_to(place, CLOSING)


@blueprint.post("/lessons/<lesson>/visualize/<id:attempt_id>/<id:position>/response")
def respond(lesson: str, attempt_id: int, position: int) -> Response:
    """Store an answer, then show what may be said of it."""
    place = _read_place(lesson)
    store_response(attempt_id, position)
    return _return_to(place, f"q{position}", at=position)


@blueprint.post("/lessons/<lesson>/visualize/<id:attempt_id>/<id:position>/hint")
def hint(lesson: str, attempt_id: int, position: int) -> Response:
    """Open a hint; the same one asked for twice is one hint."""
    place, hint_no = _read_place(lesson), read_number(request.form, "hint_no")
    run_use_case(answering.use_hint, attempt_id, position=position, hint_no=hint_no)
    return _return_to(place, f"q{position}")


@blueprint.post("/lessons/<lesson>/visualize/<id:attempt_id>/<id:position>/reveal")
def reveal(lesson: str, attempt_id: int, position: int) -> Response:
    """Give a question up and show its worked answer."""
    place = _read_place(lesson)
    run_use_case(answering.reveal, attempt_id, position=position)
    return _return_to(place, f"q{position}", at=position)


def read_setting(fields: Mapping[str, str], traces: Traces) -> Setting:
    """Return where the knobs stand; one that is not named stands where the page begins.

    Raises:
        InvalidResponseError: for a value that a knob does not have.
    """
    setting = []
    for knob, start in zip(traces.knobs, traces.start, strict=True):
        at = read_number(fields, knob.name) if knob.name in fields else start
        if at >= len(knob.values):
            raise InvalidResponseError(
                f"{knob.label} has no value {at}. Open the page anew, and choose one there."
            )
        setting.append(at)
    return tuple(setting)


def _get_traces(lesson: Lesson) -> Traces:
    traces = visualizing.find_traces(lesson)
    if traces is None:
        raise NotFoundError("This lesson has no runs to look at yet.")
    return traces


def _name_setting(traces: Traces, setting: Setting) -> dict[str, Any]:
    """Return a setting as the fields of an address."""
    return {knob.name: at for knob, at in zip(traces.knobs, setting, strict=True)}


def _read_place(lesson: str) -> dict[str, Any]:
    """Return the page to come back to, with the knobs as they stand, as values for its address.

    To be read before anything is stored: what is refused must have changed nothing.
    """
    traces = _get_traces(get_lesson(lesson))
    return {"lesson": lesson, **_name_setting(traces, read_setting(request.args, traces))}


def _return_to(place: dict[str, Any], anchor: str, *, at: int | None = None) -> Response:
    """Lead back to the page of `_read_place`, and there to a place on it."""
    return redirect(url_for("visualize.show", **place, at=at, _anchor=anchor), 303)


def _describe_closing(lesson: Lesson) -> dict[str, object]:
    """Return what the page says of the closing questions: those done, and the one that is next."""
    site, user = get_site(), sessions.find_user()
    library = site.library.current()
    shown: ShownAttempt | None = None
    if user is not None:
        shown = visualizing.look_at_closing(
            site.database, library, user_id=user.id, lesson=lesson.id, now=site.now()
        )
    questions = shown.questions if shown and shown.is_open else ()
    waiting = [question for question in questions if not question.is_done]
    waiting.sort(key=lambda question: question.is_withheld)  # what can be answered comes first
    mode = shown.attempt.policy if shown else None
    return {
        "closing": shown,
        "mode": mode,
        "show_points": mode is not None and mode.gives_points,
        "done": [question for question in questions if question.is_done],
        "waiting": waiting,
        "total": len(library.list_items(lesson.id, visualizing.MODE)),
        "at": request.args.get("at", type=int),
    }
