"""Exercises: the statement, the editor, the live list of checks, and earlier attempts."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from http import HTTPStatus

from flask import Blueprint, Response, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from quizzer.banks.rendering import render_text
from quizzer.domain.items import Text
from quizzer.errors import NotFoundError
from quizzer.services import giving_up, hinting, resuming, submitting
from quizzer.services.accounts import User
from quizzer.services.days import find_day
from quizzer.services.giving_up import NOT_COUNTED_FOR
from quizzer.services.submitting import Exercise, PastSubmissionView, SubmissionView, Verdict
from quizzer.web import sessions
from quizzer.web.forms import read_number, read_source
from quizzer.web.projects import load_project
from quizzer.web.reports import STARTER, find_best, is_solved, is_starter, list_history, show_run
from quizzer.web.review import find_next_exercise
from quizzer.web.site import get_site

blueprint = Blueprint("exercises", __name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownSolution:
    """How an exercise can be done, as far as its reader may know.

    Attributes:
        html, mistakes_html: empty where it is not open.
        until: for somebody who gave up, when it is closed again.
        can_give_up: whether it may be asked for.
        hours: for how long it would be open then.
    """

    html: str = ""
    mistakes_html: str = ""
    until: datetime | None = None
    can_give_up: bool = False
    hours: int = NOT_COUNTED_FOR // timedelta(hours=1)

    @property
    def is_open(self) -> bool:
        """Whether there is something to read."""
        return bool(self.html)


@blueprint.get("/exercises/<lesson>/<name>")
def show(lesson: str, name: str) -> str:
    """Show an exercise with the latest attempt, or the one asked for, in the editor."""
    exercise = get_exercise(f"{lesson}/{name}")
    past = list_own(exercise)
    return render_template(
        "exercises/show.html",
        statement_html=_render(exercise.statement),
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
    return redirect(url_for("exercises.show", lesson=lesson, name=name, _anchor="run"), 303)


@blueprint.get("/submissions/<id:submission_id>")
def show_submission(submission_id: int) -> Response:
    """Show one attempt; to the page's script only what became of it, and that only if it is new."""
    if request.headers.get("X-Fragment") == "run":
        response = _send_news(submission_id)
    else:
        view = get_own(submission_id)
        exercise = get_exercise(view.exercise_key)
        words = _describe(exercise, list_own(exercise), view)
        source = decode(view.source)
        words["next_hint"] = 0  # the hints stand on the page of the exercise
        page = render_template("exercises/submission.html", **words, view=view, source=source)
        response = make_response(page)
    response.vary.add("X-Fragment")
    return response


@blueprint.post("/exercises/<lesson>/<name>/hints")
def open_hint(lesson: str, name: str) -> AnyResponse:
    """Open the next hint; a visitor becomes a guest. What is in the editor stays there."""
    exercise = get_exercise(f"{lesson}/{name}")
    hint_no = read_number(request.form, "hint_no")
    hinting.require_hint(exercise, hint_no)  # makes no guest in vain
    site, user = get_site(), sessions.ensure_user_now()
    with site.database.transaction() as session:
        hinting.open_hint(session, exercise, user_id=user.id, hint_no=hint_no, now=site.now())
    attempt = request.form.get("attempt") or None
    here = url_for("exercises.show", lesson=lesson, name=name, attempt=attempt, _anchor="last-hint")
    return redirect(here, 303)


@blueprint.post("/exercises/<lesson>/<name>/solution")
def give_up(lesson: str, name: str) -> AnyResponse:
    """Open the solution to somebody who has tried and gives up."""
    exercise = get_exercise(f"{lesson}/{name}")
    site, user_id = get_site(), sessions.get_user().id
    with site.database.transaction() as session:
        giving_up.give_up(
            session,
            site.library.current(),
            site.exercises.current(),
            user_id=user_id,
            exercise_key=exercise.key,
            now=site.now(),
        )
    here = url_for("exercises.show", lesson=lesson, name=name, _anchor="solution")
    return redirect(here, 303)


def _send_news(submission_id: int) -> Response:
    """Send what became of an attempt, unless who asks has seen all there is so far."""
    progress = _find_progress(submission_id)
    if progress and request.if_none_match.contains_weak(progress):
        response = Response(status=HTTPStatus.NOT_MODIFIED)
    else:
        view = get_own(submission_id)
        response = make_response(_render_fragment(get_exercise(view.exercise_key), view))
        progress = view.progress
    if progress:
        response.set_etag(progress, weak=True)
    return response


def _find_progress(submission_id: int) -> str:
    site, user_id = get_site(), sessions.get_user().id
    with site.database.snapshot() as session:
        return submitting.find_progress(session, submission_id=submission_id, user_id=user_id)


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


def get_own(submission_id: int) -> SubmissionView:
    """Return an attempt of this user's.

    Raises:
        NotFoundError: if there is none of this id, or it is somebody else's.
    """
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
    if wanted == STARTER:
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
    shown = get_own(found.id) if found else None
    return {
        **_describe(exercise, past, shown),
        "source": decode(shown.source) if shown else exercise.starter,
        "loaded": loaded,
        "shown_id": wanted or None,
    }


def _describe(
    exercise: Exercise, past: Sequence[PastSubmissionView], shown: SubmissionView | None
) -> dict[str, object]:
    question = _find_question(exercise)
    return {
        "exercise": exercise,
        "run": show_run(exercise, shown),
        "history": list_history(past),
        "is_uncounted": any(not one.counts for one in past if shown and one.id == shown.id),
        "best": find_best(past),
        "question": question,
        **_find_next(exercise, past, shown),
        **_describe_hints(exercise, shown),
        "solution": _show_solution(exercise, past, is_asked=question is not None),
    }


def _is_passed(shown: SubmissionView) -> bool:
    return shown.report is not None and shown.report.verdict is Verdict.ACCEPTED


def _describe_hints(exercise: Exercise, shown: SubmissionView | None) -> dict[str, object]:
    """Return the open hints and the number of the next; after a success none is offered, or 0."""
    opened, is_passed = _count_open_hints(exercise), shown is not None and _is_passed(shown)
    return {
        "hints_html": [_render(hint) for hint in exercise.hints[:opened]],
        "next_hint": 0 if is_passed or opened >= len(exercise.hints) else opened + 1,
        "is_passed": is_passed,
    }


def _find_next(
    exercise: Exercise, past: Sequence[PastSubmissionView], shown: SubmissionView | None
) -> dict[str, object]:
    """Choose what to go on with after an attempt that passed every check.

    Where the exercise had come back, the next one that is due; else what is next in the lesson.
    """
    if shown is None or not _is_passed(shown):
        return {"next_one": None}
    today = find_day(shown.at)
    came_back = any(find_day(one.at) < today for one in past if one.counts and one.verdict)
    due = find_next_exercise(sessions.get_user().id) if came_back else None
    if due is not None:
        return {"next_one": due, "is_next_due": True}
    task = load_project(exercise.lesson).next
    is_this = task is None or task.exercise.key == exercise.key
    return {"next_one": None if task is None or is_this else task.exercise}


def _show_solution(
    exercise: Exercise, past: Sequence[PastSubmissionView], *, is_asked: bool
) -> ShownSolution:
    """Show how it can be done to whoever did it; to others who ask, where no question waits."""
    until = None if is_solved(past) or is_asked else _find_giving_up(exercise)
    if not is_solved(past) and until is None:
        return ShownSolution(can_give_up=not is_asked and _has_tried(exercise, past))
    worked = exercise.solution
    if not worked and not is_asked:  # a question that waits shows its own, once it is done
        worked = f"```python\n{exercise.reference.rstrip()}\n```"
    return ShownSolution(
        html=_render(worked), mistakes_html=_render(exercise.mistakes), until=until
    )


def _has_tried(exercise: Exercise, past: Sequence[PastSubmissionView]) -> bool:
    """Whether more was handed in than the starter as it came."""
    if len(past) != 1:
        return bool(past)
    return not is_starter(exercise, get_own(past[0].id).source)


def _count_open_hints(exercise: Exercise) -> int:
    site, user = get_site(), sessions.find_user()
    if user is None or not exercise.hints:
        return 0
    with site.database.snapshot() as session:
        return hinting.find_open(
            session, user_id=user.id, exercise_key=exercise.key, now=site.now()
        )


def _find_giving_up(exercise: Exercise) -> datetime | None:
    site, user = get_site(), sessions.find_user()
    if user is None:
        return None
    with site.database.snapshot() as session:
        return giving_up.find_end(
            session, user_id=user.id, exercise_key=exercise.key, now=site.now()
        )


def _find_question(exercise: Exercise) -> tuple[int, int] | None:
    """Return attempt and position of this user's open question that leads here, or None."""
    site, user = get_site(), sessions.find_user()
    if user is None:
        return None
    with site.database.snapshot() as session:
        return resuming.find_question(
            session,
            site.library.current(),
            user_id=user.id,
            exercise_key=exercise.key,
            now=site.now(),
        )


def _render(markdown: str) -> str:
    return render_text(Text(source=markdown, line=1)) if markdown else ""


def decode(source: bytes) -> str:
    """Return a submission's code as a page can show it."""
    return source.decode("utf-8", "replace")
