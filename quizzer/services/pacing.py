"""Going through an attempt: clocks that start, flags to come back to, and asking the missed again.

Every function writes: call them inside `Database.transaction()`.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from sqlalchemy.orm import Session

from quizzer.domain.attempts import ShownAttempt
from quizzer.domain.items import Item
from quizzer.domain.modes import Feedback
from quizzer.domain.questions import Question
from quizzer.domain.shuffling import draw_option_order
from quizzer.errors import ConflictError
from quizzer.services import sitting as sittings
from quizzer.services.sitting import Library, Sitting
from quizzer.store import attempts


def start_clock(
    session: Session,
    library: Library,
    *,
    attempt_id: int,
    user_id: int,
    position: int,
    now: datetime,
) -> ShownAttempt:
    """Start the clock of a question that is about to be shown; one that runs is never set back.

    Raises:
        NotFoundError: for somebody else's attempt, or no such question.
    """
    sitting = sittings.load_sitting(
        session, library, attempt_id=attempt_id, user_id=user_id, now=now
    )
    question = sitting.get_question(position)
    drawn = question.presentation
    can_start = sitting.is_open and question.time_s is not None and not question.is_withheld
    if can_start and drawn.shown_at is None:
        started = replace(question, presentation=replace(drawn, shown_at=now))
        sitting = _keep(session, sitting, started)
    return sittings.show(sitting, library, now)


def set_flag(
    session: Session,
    library: Library,
    *,
    attempt_id: int,
    user_id: int,
    position: int,
    is_flagged: bool,
    now: datetime,
) -> ShownAttempt:
    """Flag a question to come back to before the end, or take the flag away.

    Raises:
        NotFoundError: for somebody else's attempt, or no such question.
        ConflictError: if the attempt is closed, or its mode tells at once.
    """
    sitting = sittings.load_sitting(
        session, library, attempt_id=attempt_id, user_id=user_id, now=now
    )
    question = sitting.get_question(position)
    sitting.require_open()
    if sitting.mode.feedback is not Feedback.AT_END:
        raise ConflictError("Only questions of a test are flagged. Nothing was changed.")
    flagged = replace(question.presentation, is_flagged=is_flagged)
    sitting = _keep(session, sitting, replace(question, presentation=flagged))
    return sittings.show(sitting, library, now)


def ask_again(
    session: Session, library: Library, *, attempt_id: int, user_id: int, seed: int, now: datetime
) -> ShownAttempt:
    """Draw the order of the options anew of what was answered and is still to get right.

    Options are stored by their names, so that an earlier response keeps its meaning. Lines to put
    in order are named on the page by their places: another page may lie open, so they stay.

    Raises:
        NotFoundError: for somebody else's attempt.
        ConflictError: if the attempt is closed.
    """
    sitting = sittings.load_sitting(
        session, library, attempt_id=attempt_id, user_id=user_id, now=now
    )
    sitting.require_open()
    for question in sitting.questions:
        if question.item is not None and _can_reorder(question, question.item):
            order = draw_option_order(
                question.item, seed=seed, before=question.presentation.option_order
            )
            drawn = replace(question.presentation, option_order=order)
            sitting = _keep(session, sitting, replace(question, presentation=drawn))
    return sittings.show(sitting, library, now)


def _can_reorder(question: Question, item: Item) -> bool:
    is_waiting = bool(question.responses) and not question.is_settled
    tells_at_once = question.mode.feedback is Feedback.AT_ONCE
    return is_waiting and tells_at_once and item.kind.is_choice and question.is_current


def _keep(session: Session, sitting: Sitting, question: Question) -> Sitting:
    """Store a question's presentation; return the sitting with it."""
    attempts.set_presentation(
        session, attempt_id=sitting.attempt.id, presentation=question.presentation
    )
    return sitting.put(question)
