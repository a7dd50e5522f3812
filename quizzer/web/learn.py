"""The walk through a lesson: one place a page, each step opened by a prediction."""

from __future__ import annotations

import secrets
from collections.abc import Collection, Iterable, Mapping

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask import session as browser
from werkzeug.wrappers import Response

from quizzer.domain.attempts import ShownQuestion
from quizzer.domain.items import Lesson, LessonPart
from quizzer.domain.modes import find_mode
from quizzer.errors import NotFoundError
from quizzer.services import answering, learning
from quizzer.services.learning import Walk
from quizzer.web import sessions
from quizzer.web.forms import read_chosen, read_confidence, read_number
from quizzer.web.lessons import get_lesson
from quizzer.web.places import Way, find_name, list_keys, make_way, name_parts
from quizzer.web.reading import close_part, open_part
from quizzer.web.site import get_site

blueprint = Blueprint("learn", __name__)

_SEEN = "seen"  # in the signed cookie: the places that were looked at, by lesson
_MOST_LESSONS = 20  # for the cookie is sent with every request


@blueprint.get("/lessons/<lesson>/learn")
def resume(lesson: str) -> Response:
    """Lead to the place where the learner left off; once all is done, to the first."""
    found = get_lesson(lesson)
    way = _get_way(name_parts(found), _look_at_walk(found, ()), seen=_recall_places(lesson))
    place = way.places[0].name if way.done == way.total else way.left_off
    return redirect(url_for("learn.show", lesson=lesson, place=place), 303)


@blueprint.get("/lessons/<lesson>/learn/<place>")
def show(lesson: str, place: str) -> Response | str:
    """Show one place; from one that cannot be gone to yet, lead to what opens the way."""
    found = get_lesson(lesson)
    parts = name_parts(found)
    if place not in parts:
        raise NotFoundError("The lesson has no such step.")
    walk = _look_at_walk(found, list_keys(parts[place]))
    seen = {*_recall_places(lesson), place}
    way = _get_way(parts, walk, seen=seen)
    here = way.find(place)
    if here is None:
        flash(f"{way.places[-1].title} and its prediction come before {place.replace('-', ' ')}.")
        return redirect(url_for("learn.show", lesson=lesson, place=way.places[-1].name), 303)
    _remember_places(lesson, [name for name in parts if name in seen])
    before, after = way.find_neighbours(place)
    part, questions = parts[place], walk.questions
    library = get_site().library.current()
    return render_template(
        "lessons/learn.html",
        lesson=found,
        way=way,
        now_at=here,
        before=before,
        after=after,
        part=open_part(library, part, questions) if here.is_open else close_part(part, questions),
        mode=find_mode(learning.MODE),
        at=request.args.get("at", type=int),
    )


@blueprint.post("/lessons/<lesson>/learn/<id:position>")
def predict(lesson: str, position: int) -> Response:
    """Store a prediction, or what is believed of a myth, and lead to its verdict."""
    question = _commit(lesson, position, user_id=sessions.get_user().id)
    if question.notice and not question.is_withheld:  # that one stands at its question
        flash(question.notice)
    place = find_name(name_parts(get_lesson(lesson)), question.item.key)
    if place is None:  # the lesson asks it no longer
        return redirect(url_for("learn.resume", lesson=lesson), 303)
    anchor = None if question.notice else f"q{position}-verdict"
    return redirect(
        url_for("learn.show", lesson=lesson, place=place, at=position, _anchor=anchor), 303
    )


def _commit(lesson: str, position: int, *, user_id: int) -> ShownQuestion:
    """Store what the form says in the user's walk through the lesson."""
    site = get_site()
    library, now = site.library.current(), site.now()
    with site.database.transaction() as session:
        shown = answering.start_attempt(
            session,
            library,
            user_id=user_id,
            mode=learning.MODE,
            lesson=lesson,
            seed=secrets.randbelow(answering.LARGEST_SEED),
            now=now,
        )
        return answering.answer(
            session,
            library,
            attempt_id=shown.attempt.id,
            user_id=user_id,
            position=position,
            try_no=read_number(request.form, "try_no"),
            chosen=read_chosen(request.form),
            confidence=read_confidence(request.form),
            now=now,
        )


def _look_at_walk(lesson: Lesson, keys: Collection[str]) -> Walk:
    """Return how far this user has come in the lesson, and the questions of these keys."""
    site, user = get_site(), sessions.find_user()
    if user is None:
        return Walk(questions={})
    return learning.look_at_walk(
        site.database,
        site.library.current(),
        user_id=user.id,
        lesson=lesson.id,
        keys=keys,
        now=site.now(),
    )


def _get_way(parts: Mapping[str, LessonPart], walk: Walk, *, seen: Collection[str]) -> Way:
    way = make_way(parts, walk.answered, seen=seen)
    if way is None:
        raise NotFoundError("This lesson has nothing to walk through.")
    return way


def _recall_places(lesson: str) -> list[str]:
    """Return the places that were looked at in this browser."""
    seen: str = browser.get(_SEEN, {}).get(lesson, "")
    return seen.split()


def _remember_places(lesson: str, places: Iterable[str]) -> None:
    """Remember the places that were looked at; the lessons of long ago are forgotten."""
    before, joined = browser.get(_SEEN, {}), " ".join(places)
    if before.get(lesson) == joined:
        return
    others = [(name, seen) for name, seen in before.items() if name != lesson]
    browser[_SEEN] = dict([*others, (lesson, joined)][-_MOST_LESSONS:])
