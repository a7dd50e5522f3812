"""How far a learner has come on the walk through a lesson; who only looks waits for no writer.

Of the questions of the walk only those that a page asks for are made ready to be shown.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from quizzer.domain.attempts import ShownQuestion
from quizzer.domain.questions import Question
from quizzer.domain.showing import show_question
from quizzer.services import sitting as sittings
from quizzer.services.sitting import Library, Sitting
from quizzer.store import attempts
from quizzer.store.db import Database

MODE = "learn"


@dataclass(frozen=True, slots=True, kw_only=True)
class Walk:
    """How far a learner has come in one lesson.

    Attributes:
        answered: keys of the questions that take no answer any more.
        questions: those that were asked for, by key; without those that were never drawn.
    """

    answered: frozenset[str] = frozenset()
    questions: Mapping[str, ShownQuestion]


def look_at_walk(
    database: Database,
    library: Library,
    *,
    user_id: int,
    lesson: str,
    keys: Collection[str] = (),
    now: datetime,
) -> Walk:
    """Return how far the user has come, and the questions of these keys as they may be shown."""
    sitting = _find_sitting(database, library, user_id=user_id, lesson=lesson, now=now)
    if sitting is None:
        return Walk(questions={})
    asked = {question.presentation.item_key: question for question in sitting.questions}
    return Walk(
        answered=frozenset(key for key, question in asked.items() if _is_answered(question)),
        questions={key: show_question(asked[key], library.html) for key in keys if key in asked},
    )


def _is_answered(question: Question) -> bool:
    return question.is_settled or not question.is_open


def _find_sitting(
    database: Database, library: Library, *, user_id: int, lesson: str, now: datetime
) -> Sitting | None:
    """Return the latest walk; a question that has changed unanswered is drawn anew first."""
    with database.snapshot() as session:
        found = attempts.find_latest_attempt(session, user_id=user_id, mode=MODE, lesson=lesson)
        if found is None:
            return None
        sitting = sittings.read_sitting(session, library, found, now)
    if not sitting.list_stale():
        return sitting
    with database.transaction() as session:
        return sittings.load_sitting(
            session, library, attempt_id=found.id, user_id=user_id, now=now
        )
