"""What a learner has begun and left: their open attempts, and rounds of what they missed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from quizzer.domain.attempts import Attempt, ShownAttempt
from quizzer.domain.items import Item, Kind
from quizzer.domain.modes import Mode, Scoring, Selection, find_mode
from quizzer.domain.selection import can_ask
from quizzer.errors import ConflictError, NotFoundError
from quizzer.services import sitting as sittings
from quizzer.services.inline import find_exercise_key
from quizzer.services.sitting import Library, Sitting
from quizzer.services.withholding import leave_out
from quizzer.store import attempts

RETRY_MODE = "practice"


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenAttempt:
    """An attempt that can be gone on with, or whose result nobody has looked at yet.

    Attributes:
        seconds_left: None where there is no limit.
        waiting: questions that still take an answer.
        total: questions it has.
        is_over: whether its time is up; it will be closed when it is opened.
        clock_s: seconds until the question ends whose clock runs; None where none does.
    """

    attempt_id: int
    mode: str
    lesson: str
    seconds_left: int | None
    waiting: int
    total: int
    is_over: bool
    clock_s: int | None = None


def list_open_attempts(
    session: Session, library: Library, *, user_id: int, now: datetime
) -> tuple[OpenAttempt, ...]:
    """Return the rounds and tests that the user has left open; nothing is written.

    A round in which nothing waits any more is not among them, nor is a walk through a lesson:
    progress tells of that one.
    """
    left = [
        attempt
        for attempt in attempts.list_open_attempts(session, user_id=user_id)
        if attempt.policy is not None and attempt.policy.selection is not Selection.LESSON_ORDER
    ]
    sittings_left = sittings.read_sittings(session, library, left, now)
    described = (_describe(sitting, now) for sitting in sittings_left)
    return tuple(one for one in described if one.waiting or one.seconds_left is not None)


def find_question(
    session: Session, library: Library, *, user_id: int, exercise_key: str, now: datetime
) -> tuple[int, int] | None:
    """Return attempt and position of the question that waits for an exercise, or None.

    Of several, that of the latest attempt.
    """
    keys = [
        item.key
        for bank in library.banks.values()
        for item in bank.items
        if item.kind is Kind.CODE and find_exercise_key(item, bank.lesson) == exercise_key
    ]
    places = attempts.list_open_questions(session, user_id=user_id, item_keys=keys)
    left = [attempts.get_attempt(session, attempt_id=one, user_id=user_id) for one, _ in places]
    asked = sittings.read_sittings(session, library, left, now)
    waiting = (
        place
        for place, sitting in zip(places, asked, strict=True)
        if not sitting.get_question(place[1]).is_settled
    )
    return next(waiting, None)


def list_missed(sitting: Sitting) -> tuple[Item, ...]:
    """Return the items that were not got right by the learner's own doing, and can be practised."""
    mode = _get_retry_mode()
    return tuple(
        question.item
        for question in sitting.questions
        if question.item is not None and question.is_missed and can_ask(mode, question.item)
    )


def start_retry(
    session: Session,
    library: Library,
    *,
    attempt_id: int,
    user_id: int,
    seed: int,
    now: datetime,
) -> ShownAttempt:
    """Start a round of practice on what was missed in a closed attempt, the options reordered.

    A round on just these questions that is open already is gone on with; another open one of that
    lesson is closed, and keeps what was earned in it.

    Raises:
        NotFoundError: if there is no such attempt of theirs.
        ConflictError: while it is open, or if nothing in it was missed.
    """
    missed = _require_missed(session, library, attempt_id=attempt_id, user_id=user_id, now=now)
    lesson = missed.attempt.lesson
    items = leave_out(session, list_missed(missed), user_id=user_id, now=now)
    open_one = sittings.find_sitting(
        session, library, user_id=user_id, mode=RETRY_MODE, lesson=lesson, now=now
    )
    if open_one is not None and open_one.is_open:
        if _asks_just(open_one, items):
            return sittings.show(open_one, library, now)
        sittings.close(session, open_one, at=now)
    attempt = attempts.record_attempt(
        session,
        user_id=user_id,
        mode=_get_retry_mode(),
        lesson=lesson,
        seed=seed,
        now=now,
        ends_at=None,
    )
    drawn = (question.presentation for question in missed.questions)
    orders_before = {each.item_key: each.option_order for each in drawn}
    sittings.record_drawn(
        session, attempt, items, first_position=1, now=now, orders_before=orders_before
    )
    return _load(session, library, attempt, now)


def _require_missed(
    session: Session, library: Library, *, attempt_id: int, user_id: int, now: datetime
) -> Sitting:
    sitting = sittings.load_sitting(
        session, library, attempt_id=attempt_id, user_id=user_id, now=now
    )
    if sitting.is_open:
        raise ConflictError("This attempt is still open. Finish it first.")
    if sitting.mode.scoring is Scoring.SCHEDULE:
        raise ConflictError("What was missed in review comes back there by itself, and soon.")
    if not list_missed(sitting):
        raise ConflictError("Nothing was missed in this attempt, so there is nothing to retry.")
    return sitting


def _load(session: Session, library: Library, attempt: Attempt, now: datetime) -> ShownAttempt:
    sitting = sittings.load_sitting(
        session, library, attempt_id=attempt.id, user_id=attempt.user_id, now=now
    )
    return sittings.show(sitting, library, now)


def _get_retry_mode() -> Mode:
    mode = find_mode(RETRY_MODE)
    if mode is None:
        raise NotFoundError("There is no practice any more.")
    return mode


def _asks_just(sitting: Sitting, items: Sequence[Item]) -> bool:
    asked = {question.presentation.item_key for question in sitting.questions}
    return asked == {item.key for item in items}


def _describe(sitting: Sitting, now: datetime) -> OpenAttempt:
    attempt = sitting.attempt
    seconds_left = sittings.count_seconds_left(sitting, now)
    clocks = (question.seconds_left for question in sitting.questions)
    return OpenAttempt(
        attempt_id=attempt.id,
        mode=attempt.mode,
        lesson=attempt.lesson,
        seconds_left=seconds_left,
        clock_s=min((left for left in clocks if left is not None), default=None),
        waiting=sum(1 for question in sitting.questions if not question.is_settled),
        total=len(sitting.questions),
        is_over=seconds_left == 0,
    )
