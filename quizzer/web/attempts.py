"""Every mode that asks: one question at a time, and the result."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from quizzer.domain.attempts import ShownAttempt, ShownQuestion
from quizzer.domain.mastery import SkillEstimate
from quizzer.domain.modes import Feedback, Mode, Scoring, Selection, find_mode
from quizzer.domain.showing import forget_try
from quizzer.errors import ConflictError, NotFoundError
from quizzer.services import answering, looking, pacing, resuming, visualizing
from quizzer.web import sessions
from quizzer.web.forms import read_chosen, read_confidence, read_number
from quizzer.web.lessons import get_lesson
from quizzer.web.results import describe_result
from quizzer.web.review import describe_round
from quizzer.web.site import get_site

blueprint = Blueprint("attempts", __name__)

_END = "end"
Value = TypeVar("Value")


@dataclass(frozen=True, slots=True, kw_only=True)
class AttemptPage:
    """Where in an attempt the page is.

    Attributes:
        question: the one on the page; None at the end, or before a clock is started.
        number: its number for the reader, from 1.
        next_position: the next one that is still open, or None for the end.
        missed: those that are still open.
        numbers: each question's number by its position.
        is_retry: whether a question that was missed is shown without the try before.
        is_end: whether the end was asked for, or nothing is open any more.
    """

    question: ShownQuestion | None
    number: int
    next_position: int | None
    missed: tuple[ShownQuestion, ...]
    numbers: dict[int, int]
    is_retry: bool
    is_end: bool


@blueprint.post("/lessons/<lesson>/<mode>/attempts")
def start(lesson: str, mode: str) -> Response:
    """Begin an attempt, or go on with the open one; a visitor becomes a guest."""
    wanted = find_mode(mode)
    if wanted is not None and wanted.selection is Selection.DUE:
        return redirect(url_for("review.show"), 303)  # one queue, whatever the lesson
    site = get_site()
    with site.database.transaction() as session:
        user = sessions.ensure_user(session)
        shown = answering.start_attempt(
            session,
            site.library.current(),
            user_id=user.id,
            mode=mode,
            lesson=lesson,
            seed=secrets.randbelow(answering.LARGEST_SEED),
            now=site.now(),
        )
    sessions.remember(user)
    return redirect(url_for("attempts.show", attempt_id=shown.attempt.id), 303)


@blueprint.post("/attempts/<id:attempt_id>/retry")
def retry(attempt_id: int) -> Response:
    """Begin a round of practice on what was missed in a closed attempt, or go on with it."""
    before = _list_open_rounds()
    shown = run_use_case(
        resuming.start_retry, attempt_id, seed=secrets.randbelow(answering.LARGEST_SEED)
    )
    if before - _list_open_rounds():
        flash("Your open round of practice was closed for this one. What you earned in it stays.")
    return redirect(url_for("attempts.show", attempt_id=shown.attempt.id), 303)


@blueprint.get("/attempts/<id:attempt_id>")
def show(attempt_id: int) -> Response | str:
    """Show one question, or the end, of an open attempt."""
    shown = _look(looking.look_at_attempt, attempt_id)
    mode = _find_mode(shown)
    elsewhere = _find_own_page(shown, mode)
    if elsewhere:
        return redirect(elsewhere, 303)
    if not shown.is_open:
        return redirect(url_for("attempts.show_result", attempt_id=attempt_id), 303)
    page = _find_page(shown.questions, request.args)
    if page.question is not None and _waits_for_clock(page.question):
        shown = run_use_case(pacing.start_clock, attempt_id, position=page.question.position)
        page = _find_page(shown.questions, request.args)
    return render_template(_find_template(mode), **_words(shown, mode), **_fields(page))


@blueprint.post("/attempts/<id:attempt_id>/questions/<id:position>/response")
def respond(attempt_id: int, position: int) -> Response:
    """Store a response, then show what may be said of it."""
    store_response(attempt_id, position)
    if request.form.get("then") == "next":
        return redirect(url_for("attempts.show", attempt_id=attempt_id, after=position), 303)
    return _return_to(attempt_id, position)


@blueprint.post("/attempts/<id:attempt_id>/questions/<id:position>/hint")
def hint(attempt_id: int, position: int) -> Response:
    """Open a hint; the same one asked for twice is one hint."""
    hint_no = read_number(request.form, "hint_no")
    run_use_case(answering.use_hint, attempt_id, position=position, hint_no=hint_no)
    return _return_to(attempt_id, position)


@blueprint.post("/attempts/<id:attempt_id>/questions/<id:position>/reveal")
def reveal(attempt_id: int, position: int) -> Response:
    """Give a question up and show its worked answer."""
    confidence = read_confidence(request.form)
    run_use_case(answering.reveal, attempt_id, position=position, confidence=confidence)
    return _return_to(attempt_id, position)


@blueprint.post("/attempts/<id:attempt_id>/questions/<id:position>/flag")
def flag(attempt_id: int, position: int) -> Response:
    """Flag a question of a test to come back to, or take the flag away."""
    is_flagged = bool(read_number(request.form, "flagged"))
    run_use_case(pacing.set_flag, attempt_id, position=position, is_flagged=is_flagged)
    return _return_to(attempt_id, position)


@blueprint.post("/attempts/<id:attempt_id>/again")
def ask_again(attempt_id: int) -> Response:
    """Ask what is still to get right once more, its options in another order."""
    shown = run_use_case(
        pacing.ask_again, attempt_id, seed=secrets.randbelow(answering.LARGEST_SEED)
    )
    first = next((each.position for each in shown.questions if not each.is_done), _END)
    return redirect(url_for("attempts.show", attempt_id=attempt_id, q=first, again=1), 303)


@blueprint.post("/attempts/<id:attempt_id>/finish")
def finish(attempt_id: int) -> Response:
    """Close the attempt."""
    run_use_case(answering.finish, attempt_id)
    return redirect(url_for("attempts.show_result", attempt_id=attempt_id), 303)


@blueprint.get("/attempts/<id:attempt_id>/result")
def show_result(attempt_id: int) -> Response | str:
    """Show a closed attempt with its verdicts."""
    try:
        result = _look(looking.look_at_result, attempt_id)
    except ConflictError:  # it is open still
        return redirect(url_for("attempts.show", attempt_id=attempt_id), 303)
    mode = _find_mode(result.shown)
    words = _words(result.shown, mode)
    return render_template(
        _find_result_template(mode),
        **describe_result(
            result,
            mode,
            comes_back=words.get("next_words", {}),
            wanted=request.args.get("reported"),
            believed=_look_at_skills(mode),
        ),
        **words,
    )


def _find_template(mode: Mode) -> str:
    if mode.scoring is Scoring.SCHEDULE:
        return "review/round.html"
    if mode.item_time_s is not None:
        return "attempts/challenge.html"
    return f"attempts/{'test' if mode.feedback is Feedback.AT_END else 'practice'}.html"


def _find_result_template(mode: Mode) -> str:
    return f"{'review' if mode.scoring is Scoring.SCHEDULE else 'attempts'}/result.html"


def _list_open_rounds() -> set[int]:
    site = get_site()
    user_id = sessions.get_user().id
    with site.database.snapshot() as session:
        left_open = resuming.list_open_attempts(
            session, site.library.current(), user_id=user_id, now=site.now()
        )
    return {left.attempt_id for left in left_open if left.mode == resuming.RETRY_MODE}


def _return_to(attempt_id: int, position: int) -> Response:
    """Lead back to a question, and to its place on the page."""
    anchor = f"q{position}"
    return redirect(
        url_for("attempts.show", attempt_id=attempt_id, q=position, _anchor=anchor), 303
    )


def _find_own_page(shown: ShownAttempt, mode: Mode) -> str:
    """Return the address where a mode with a page of its own asks its questions, or nothing."""
    if mode.name == "learn":
        return url_for("learn.resume", lesson=shown.attempt.lesson)
    if mode.name != visualizing.MODE or not shown.is_open:
        return ""
    lesson = get_lesson(shown.attempt.lesson)
    if not visualizing.has_traces(lesson):
        return ""
    return url_for("visualize.show", lesson=lesson.id, _anchor="closing")


def _number(questions: Sequence[ShownQuestion]) -> dict[int, int]:
    return {each.position: index for index, each in enumerate(questions, start=1)}


def _look(use_case: Callable[..., Value], attempt_id: int) -> Value:
    """Run what only reads one of this user's attempts."""
    site = get_site()
    return use_case(
        site.database,
        site.library.current(),
        attempt_id=attempt_id,
        user_id=sessions.get_user().id,
        now=site.now(),
    )


def _look_at_skills(mode: Mode) -> dict[str, SkillEstimate]:
    """Return what all of this user's answers say of their skills, where the result tells of any."""
    if mode.scoring is not Scoring.SCORE:
        return {}
    site = get_site()
    return looking.look_at_skills(site.database, user_id=sessions.get_user().id, now=site.now())


def run_use_case(use_case: Callable[..., Value], attempt_id: int, **arguments: object) -> Value:
    """Run a use case on one of this user's attempts, in a transaction of its own."""
    site = get_site()
    user_id = sessions.get_user().id
    with site.database.transaction() as session:
        return use_case(
            session,
            site.library.current(),
            attempt_id=attempt_id,
            user_id=user_id,
            now=site.now(),
            **arguments,
        )


def store_response(attempt_id: int, position: int) -> None:
    """Store the response that the form holds; what is to be said of storing it is flashed."""
    question = run_use_case(
        answering.answer,
        attempt_id,
        position=position,
        try_no=read_number(request.form, "try_no"),
        chosen=read_chosen(request.form),
        confidence=read_confidence(request.form),
    )
    if question.notice and not question.is_withheld:  # that one stands at its question
        flash(question.notice)


def _find_mode(shown: ShownAttempt) -> Mode:
    """Return the rules that the attempt began with."""
    mode = shown.attempt.policy
    if mode is None:
        raise NotFoundError("This way of learning is no longer offered.")
    return mode


def _find_page(questions: Sequence[ShownQuestion], wanted: dict[str, str]) -> AttemptPage:
    """Return the page that was asked for; without a wish the first question still open."""
    missed = tuple(question for question in questions if not question.is_done)
    question = _find_question(questions, missed, wanted)
    here = question.position if question else -1
    numbers = _number(questions)
    is_retry = "again" in wanted
    return AttemptPage(
        question=forget_try(question) if question and is_retry else question,
        number=numbers[question.position] if question else 0,
        next_position=_find_next(missed, here),
        missed=missed,
        numbers=numbers,
        is_retry=is_retry,
        is_end=not missed or wanted.get("q") == _END,
    )


def _find_question(
    questions: Sequence[ShownQuestion],
    missed: Sequence[ShownQuestion],
    wanted: dict[str, str],
) -> ShownQuestion | None:
    by_name = {str(question.position): question for question in questions}
    if wanted.get("q") == _END:
        return None
    if "after" in wanted:
        after = by_name.get(wanted["after"])
        position = _find_next(missed, after.position) if after else None
        return None if position is None else by_name[str(position)]
    return by_name.get(wanted.get("q", ""), _find_first(missed))


def _find_first(missed: Sequence[ShownQuestion]) -> ShownQuestion | None:
    """Return the first one still open; of those with clocks the one whose clock runs.

    Only who asks for a question by its number starts its clock.
    """
    return next((question for question in missed if not _waits_for_clock(question)), None)


def _waits_for_clock(question: ShownQuestion) -> bool:
    return not (question.is_opened or question.is_done)


def _find_next(missed: Sequence[ShownQuestion], here: int) -> int | None:
    return next((question.position for question in missed if question.position > here), None)


def _words(shown: ShownAttempt, mode: Mode) -> dict[str, Any]:
    beside = describe_round(shown) if mode.scoring is Scoring.SCHEDULE else {}
    return beside | {
        "shown": shown,
        "attempt": shown.attempt,
        "questions": shown.questions,
        "mode": mode,
        "lesson": get_lesson(shown.attempt.lesson) if shown.attempt.lesson else None,
        "show_points": mode.gives_points,
    }


def _fields(page: AttemptPage) -> dict[str, object]:
    return {
        "question": page.question,
        "number": page.number,
        "next_position": page.next_position,
        "missed": page.missed,
        "numbers": page.numbers,
        "again": "1" if page.is_retry else None,
        "is_end": page.is_end,
        "focus": f"q{page.question.position}-verdict" if page.question else "",
    }
