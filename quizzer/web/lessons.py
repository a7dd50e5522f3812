"""A lesson: its front page, why it matters, and its pictures."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from flask import Blueprint, render_template, request, send_file
from werkzeug.wrappers import Response

from quizzer.banks.fragments import FIGURE
from quizzer.banks.library import Library
from quizzer.domain.items import Lesson, PartKind, Text
from quizzer.domain.modes import find_mode
from quizzer.errors import NotFoundError
from quizzer.services.progress import Progress, get_progress
from quizzer.services.projects import list_project_exercises
from quizzer.services.resuming import list_open_attempts
from quizzer.services.reviewing import get_queue
from quizzer.web import sessions
from quizzer.web.advice import advise
from quizzer.web.overview import Standing, list_groups, make_standing
from quizzer.web.places import name_parts
from quizzer.web.prerequisites import advise_to_prepare, list_prerequisites
from quizzer.web.reading import show_why
from quizzer.web.site import get_site
from quizzer.web.steps import Advice

blueprint = Blueprint("lessons", __name__)

NOBODY = 0  # no user has this id, so nothing is stored for it


@blueprint.get("/lessons/<lesson>")
def show(lesson: str) -> str:
    """Show what a lesson is about, what to do in it now, and all that there is to do."""
    found = get_lesson(lesson)
    library = get_site().library.current()
    progress, standing = _load_standing(found)
    prerequisites = list_prerequisites(found, library, progress)
    is_begun = standing.done.is_begun or bool(standing.left_open)
    first = None if is_begun else advise_to_prepare(prerequisites)
    now = _advise(found, progress, standing)
    lead, more = _split_overview(found)
    return render_template(
        "lessons/show.html",
        lesson=found,
        lead_html=library.html(lead) if lead else "",
        more_html=library.html(more) if more else "",
        prerequisites=prerequisites,
        first=first,
        now=now,
        groups=list_groups(found, standing, next_mode="" if first else now.mode),
    )


@blueprint.get("/lessons/<lesson>/why")
def why(lesson: str) -> str:
    """Show the problem and the remedy."""
    found = get_lesson(lesson)
    parts = show_why(get_site().library.current(), found)
    return render_template(
        "lessons/why.html", lesson=found, parts=parts, has_steps=bool(name_parts(found))
    )


@blueprint.get("/figures/<lesson>/<name>")
def show_figure(lesson: str, name: str) -> Response:
    """Show a picture that lies beside a lesson's file."""
    found = get_lesson(lesson)
    path = Path(found.path).resolve().parent / name
    if not FIGURE.match(request.path) or not path.is_file():
        raise NotFoundError("There is no picture of this name.")
    return send_file(path)


def get_lesson(name: str) -> Lesson:
    """Return a lesson of the library.

    Raises:
        NotFoundError: if there is none of that name.
    """
    library: Library = get_site().library.current()
    lesson = library.lessons.get(name)
    if lesson is None:
        raise NotFoundError("There is no lesson of this name.")
    return lesson


def _split_overview(lesson: Lesson) -> tuple[Text | None, Text | None]:
    """Return the first paragraph of the overview, and what follows it."""
    part = next((part for part in lesson.parts if part.kind is PartKind.OVERVIEW), None)
    if part is None:
        return None, None
    lead, _, more = part.text.source.partition("\n\n")
    lines = lead.count("\n") + 2
    rest = Text(source=more.strip("\n"), line=part.text.line + lines) if more.strip() else None
    return replace(part.text, source=lead), rest


def _advise(lesson: Lesson, progress: Progress, standing: Standing) -> Advice:
    """Return what to do now in this lesson; its page need not repeat its title."""
    alone = replace(progress, lessons=(standing.done,))
    now = advise(alone, standing.exercises, standing.left_open, standing.queue)[0]
    title = now.title.removesuffix(f": {lesson.title}")
    mode = find_mode(now.mode)
    return replace(now, title=mode.title if mode and title == lesson.title else title)


def _load_standing(lesson: Lesson) -> tuple[Progress, Standing]:
    """Return how far this user is in all lessons, and in this one more closely."""
    site, user = get_site(), sessions.find_user()
    library, now, user_id = site.library.current(), site.now(), user.id if user else NOBODY
    with site.database.snapshot() as session:
        progress = get_progress(session, library, user_id=user_id, now=now)
        left_open = list_open_attempts(session, library, user_id=user_id, now=now)
        queue = get_queue(session, library, site.exercises.current(), user_id=user_id, now=now)
    done = next(one for one in progress.lessons if one.lesson == lesson.id)
    return progress, make_standing(
        lesson.id,
        done,
        left_open,
        queue,
        list_project_exercises(
            library, site.exercises.current(), site.exercises.listed(), lesson=lesson.id
        ),
        lesson_of={bank.id: bank.lesson for bank in library.banks.values()},
    )
