"""What a running test asks is told nowhere else: other rounds leave it out, or wait with it.

A question that a round has already is held back by the question itself (`Question.is_withheld`),
until the test is handed in or its time is over.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy.orm import Session

from quizzer.domain.attempts import ShownQuestion
from quizzer.domain.items import Item
from quizzer.domain.showing import REDRAWN, WITHHELD
from quizzer.errors import ConflictError
from quizzer.services import sitting as sittings
from quizzer.services.sitting import Library, Sitting
from quizzer.store import attempts


def leave_out(
    session: Session, items: Sequence[Item], *, user_id: int, now: datetime
) -> tuple[Item, ...]:
    """Return the items that no running test of the user asks.

    Raises:
        ConflictError: if none of them is left.
    """
    withheld = attempts.list_withheld_keys(session, user_id=user_id, now=now)
    left = tuple(item for item in items if item.key not in withheld)
    if items and not left:
        raise ConflictError(
            "All its questions are in your running test. They come back once it is finished."
        )
    return left


def refuse(sitting: Sitting, library: Library, position: int) -> ShownQuestion | None:
    """Return a question that takes nothing now, and says why; None for one that does."""
    question = sitting.get_question(position)
    if not (position in sitting.redrawn or question.is_withheld):
        return None
    notice = WITHHELD if question.is_withheld else REDRAWN
    return replace(sittings.show_at(sitting, library, position), notice=notice)
