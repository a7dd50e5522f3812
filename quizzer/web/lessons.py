"""A lesson: its front page, why it matters, and the walk through it with predictions."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from flask import Blueprint, flash, redirect, render_template, request, send_file, url_for
from werkzeug.wrappers import Response

from quizzer.banks.fragments import FIGURE
from quizzer.banks.library import Library
from quizzer.domain.attempts import ShownQuestion
from quizzer.domain.items import Lesson, PartKind
from quizzer.domain.modes import MODES, Mode, Selection, find_mode
from quizzer.errors import NotFoundError
from quizzer.services import answering
from quizzer.services.looking import look_at_learning
from quizzer.services.progress import LessonProgress, ModeProgress, get_progress
from quizzer.services.resuming import OpenAttempt, list_open_attempts
from quizzer.services.submitting import Exercise
from quizzer.web import sessions
from quizzer.web.advice import advise_on_test, find_next_mode
from quizzer.web.forms import read_chosen, read_confidence, read_number
from quizzer.web.reading import show_learning, show_why
from quizzer.web.site import get_site

blueprint = Blueprint("lessons", __name__)

OPEN_STEP = "open-step"  # the anchor of the step that waits for its prediction
NOBODY = 0  # no user has this id, so nothing is stored for it
_PAGES = frozenset({"why"})  # modes that ask nothing and have a page of their own


@dataclass(frozen=True, slots=True, kw_only=True)
class ModeRow:
    """One way to learn the lesson.

    Attributes:
        address: empty where a form has to start an attempt.
        note: how far the learner is with it.
        is_next: whether it is the one to do now.
    """

    mode: Mode
    address: str
    label: str
    note: str
    is_next: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ExerciseRow:
    """One exercise of the lesson; `best` is the best score in [0, 1], or None."""

    exercise: Exercise
    best: float | None


@blueprint.get("/lessons/<lesson>")
def show(lesson: str) -> str:
    """Show what there is to do in a lesson, and how far the learner is."""
    found = get_lesson(lesson)
    done = get_lesson_progress(found)
    left_open = _list_left_open(found)
    library = get_site().library.current()
    overview = next((part for part in found.parts if part.kind is PartKind.OVERVIEW), None)
    return render_template(
        "lessons/show.html",
        lesson=found,
        required=[library.lessons[name] for name in found.requires if name in library.lessons],
        running=[
            advise_on_test(left, found.title) for left in left_open if left.seconds_left is not None
        ],
        modes=[
            _make_row(mode, found, done, left_open) for mode in MODES if _is_offered(mode, done)
        ],
        exercises=list_exercise_rows(found, done),
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


def get_lesson_progress(lesson: Lesson) -> LessonProgress:
    """Return how far this user is in a lesson; nothing is done by a visitor."""
    site, user = get_site(), sessions.find_user()
    with site.database.snapshot() as session:
        progress = get_progress(
            session, site.library.current(), user_id=user.id if user else NOBODY
        )
    return next(one for one in progress.lessons if one.lesson == lesson.id)


def list_exercise_rows(lesson: Lesson, done: LessonProgress) -> tuple[ExerciseRow, ...]:
    """Return the exercises of a lesson with the learner's best scores, the easiest first."""
    best = {tried.exercise: tried.best_score for tried in done.exercises}
    ours = [one for one in get_site().exercises.listed().values() if one.lesson == lesson.id]
    ours.sort(key=lambda exercise: (exercise.difficulty, exercise.key))
    return tuple(ExerciseRow(exercise=one, best=best.get(one.key)) for one in ours)


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


def _list_left_open(lesson: Lesson) -> tuple[OpenAttempt, ...]:
    """Return the attempts in this lesson that can be gone on with."""
    site, user = get_site(), sessions.find_user()
    with site.database.snapshot() as session:
        left_open = list_open_attempts(
            session,
            site.library.current(),
            user_id=user.id if user else NOBODY,
            now=site.now(),
        )
    return tuple(left for left in left_open if left.lesson == lesson.id)


def _is_offered(mode: Mode, done: LessonProgress) -> bool:
    """Whether there is anything to read or to answer in that mode."""
    counted = next((one for one in done.modes if one.mode == mode.name), None)
    if counted is None:
        return mode.name in _PAGES
    return counted.total > 0 or mode.selection is Selection.LESSON_ORDER


def _make_row(
    mode: Mode, lesson: Lesson, done: LessonProgress, left_open: Sequence[OpenAttempt]
) -> ModeRow:
    counted = next((one for one in done.modes if one.mode == mode.name), None)
    begun = counted is not None and counted.seen > 0
    is_tested = any(one.seconds_left is not None for one in left_open)
    is_next = mode.name == ("test" if is_tested else find_next_mode(done))
    left = next((one for one in left_open if one.mode == mode.name), None)
    if left is not None:
        return _make_open_row(mode, left, is_next=is_next)
    labels = {"why": "Read", "practice": "Practise", "review": "Review", "try": "Try it"}
    labels["metrics"] = "Read the numbers"
    labels["learn"] = "Go on" if begun else "Begin"
    return ModeRow(
        mode=mode,
        address=_find_address(mode, lesson, begun=begun),
        label=labels.get(mode.name, f"Take the {mode.title.lower()}"),
        note=_note(counted, done) if counted and begun else "",
        is_next=is_next,
    )


def _make_open_row(mode: Mode, left: OpenAttempt, *, is_next: bool) -> ModeRow:
    return ModeRow(
        mode=mode,
        address=url_for("attempts.show", attempt_id=left.attempt_id),
        label="See the result" if left.is_over else "Go on",
        note=f"Begun: {left.waiting} of {left.total} questions still open",
        is_next=is_next,
    )


def _find_address(mode: Mode, lesson: Lesson, *, begun: bool) -> str:
    if mode.selection is Selection.DUE:
        return url_for("review.show")
    if mode.name == "why":
        return url_for("lessons.why", lesson=lesson.id)
    if mode.name == "learn":
        return url_for("lessons.learn", lesson=lesson.id, _anchor=OPEN_STEP if begun else None)
    return ""


def _note(counted: ModeProgress, done: LessonProgress) -> str:
    if counted.mode == "learn":
        return f"{counted.seen} of {counted.total} predictions made"
    if counted.mode == "test":
        return "" if done.best_test is None else f"Best test: {round(done.best_test * 100)} %"
    return f"{counted.right} of {counted.total} right so far"
