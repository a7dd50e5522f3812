"""A lesson: its front page, why it matters, and the walk through it with predictions."""

from __future__ import annotations

import secrets
from pathlib import Path

from flask import Blueprint, flash, redirect, render_template, request, send_file, url_for
from werkzeug.wrappers import Response

from quizzer.banks.fragments import FIGURE
from quizzer.banks.library import Library
from quizzer.domain.attempts import ShownQuestion
from quizzer.domain.items import Lesson, PartKind
from quizzer.domain.modes import find_mode
from quizzer.errors import NotFoundError
from quizzer.services import answering
from quizzer.services.looking import look_at_learning
from quizzer.services.progress import Progress, get_progress
from quizzer.services.projects import list_project_exercises
from quizzer.services.resuming import list_open_attempts
from quizzer.services.reviewing import get_queue
from quizzer.web import sessions
from quizzer.web.advice import advise_on_test
from quizzer.web.forms import read_chosen, read_confidence, read_number
from quizzer.web.overview import Standing, list_groups, make_standing
from quizzer.web.reading import show_learning, show_why
from quizzer.web.site import get_site

blueprint = Blueprint("lessons", __name__)

NOBODY = 0  # no user has this id, so nothing is stored for it


@blueprint.get("/lessons/<lesson>")
def show(lesson: str) -> str:
    """Show what there is to do in a lesson, and how far the learner is."""
    found = get_lesson(lesson)
    library = get_site().library.current()
    progress, standing = _load_standing(found)
    overview = next((part for part in found.parts if part.kind is PartKind.OVERVIEW), None)
    required = [library.lessons[name] for name in found.requires if name in library.lessons]
    begun = {one.lesson for one in progress.lessons if one.is_begun}
    return render_template(
        "lessons/show.html",
        lesson=found,
        required=required,
        unmet=[each for each in required if each.id not in begun],
        running=[
            advise_on_test(left, found.title)
            for left in standing.left_open
            if left.seconds_left is not None
        ],
        groups=list_groups(found, standing),
        overview_html=library.html(overview.text) if overview else "",
    )


@blueprint.get("/lessons/<lesson>/why")
def why(lesson: str) -> str:
    """Show the problem and the remedy."""
    found = get_lesson(lesson)
    parts = show_why(get_site().library.current(), found)
    return render_template("lessons/why.html", lesson=found, parts=parts)


@blueprint.get("/lessons/<lesson>/learn")
def learn(lesson: str) -> str:
    """Show the steps up to the first prediction that is still open."""
    found = get_lesson(lesson)
    reading = show_learning(get_site().library.current(), found, _load_questions(found))
    return render_template(
        "lessons/learn.html",
        lesson=found,
        reading=reading,
        mode=find_mode("learn"),
        at=request.args.get("at", type=int),
    )


@blueprint.post("/lessons/<lesson>/learn/<id:position>")
def predict(lesson: str, position: int) -> Response:
    """Store a prediction, or what is believed of a myth."""
    question = _commit(lesson, position, user_id=sessions.get_user().id)
    if question.notice:
        flash(question.notice)
    return redirect(
        url_for("lessons.learn", lesson=lesson, at=position, _anchor=f"q{position}"), 303
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


def _commit(lesson: str, position: int, *, user_id: int) -> ShownQuestion:
    """Store what the form says in the user's walk through the lesson."""
    site = get_site()
    library, now = site.library.current(), site.now()
    with site.database.transaction() as session:
        shown = answering.start_attempt(
            session,
            library,
            user_id=user_id,
            mode="learn",
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


def _load_questions(lesson: Lesson) -> dict[str, ShownQuestion]:
    site, user = get_site(), sessions.find_user()
    if user is None:
        return {}
    questions = look_at_learning(
        site.database, site.library.current(), user_id=user.id, lesson=lesson.id, now=site.now()
    )
    return dict(questions)


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
