"""One question of an attempt, from its item in service and what is stored of it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from quizzer.domain.attempts import Attempt, Graded, Presentation, Response
from quizzer.domain.items import Bank, Item, Kind
from quizzer.domain.modes import Mode
from quizzer.domain.questions import Question
from quizzer.domain.variants import draw_item
from quizzer.services.inline import find_exercise_key
from quizzer.services.submitting import find_best_score


def make_question(
    session: Session,
    attempt: Attempt,
    mode: Mode,
    presentation: Presentation,
    responses: Sequence[Response],
    *,
    item: Item | None,
    bank: Bank | None,
    now: datetime | None,
) -> Question:
    """Put a question together.

    `item` is None where it was withdrawn, and so is its bank; without `now` no clock is read.
    """
    exercise = ""
    if item and bank and item.kind is Kind.CODE:
        exercise = find_exercise_key(item, bank.lesson)
    return Question(
        item=draw_item(item, dict(presentation.values)) if item else None,
        presentation=presentation,
        responses=tuple(responses),
        misconceptions=bank.misconceptions if bank else {},
        mode=mode,
        now=None if now is None else min(now, attempt.closed_at or now),
        is_open=attempt.closed_at is None,
        exercise=exercise,
        best=_find_best(session, attempt.user_id, exercise) if exercise else None,
        seed=attempt.seed,
    )


def _find_best(session: Session, user_id: int, exercise: str) -> Graded | None:
    found = find_best_score(session, user_id=user_id, exercise_key=exercise)
    return None if found is None else Graded(score=found[0], submission_id=found[1])
