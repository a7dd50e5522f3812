"""Looking at attempts: who only opens a page waits for no writer.

It is written only where an attempt has to be closed because its time is over, or where a question
that nobody has answered has changed and is drawn anew.
"""

from __future__ import annotations

from datetime import datetime

from quizzer.domain.attempts import AttemptResult, ShownAttempt
from quizzer.domain.mastery import SkillEstimate, estimate
from quizzer.services import sitting as sittings
from quizzer.services.sitting import Library, Sitting
from quizzer.store import attempts, skills
from quizzer.store.db import Database


def look_at_attempt(
    database: Database, library: Library, *, attempt_id: int, user_id: int, now: datetime
) -> ShownAttempt:
    """Return an attempt as it may be shown now; one whose time is over is closed.

    Raises:
        NotFoundError: if there is none, or it is somebody else's.
    """
    sitting = _open(database, library, attempt_id=attempt_id, user_id=user_id, now=now)
    return sittings.show(sitting, library, now)


def look_at_result(
    database: Database, library: Library, *, attempt_id: int, user_id: int, now: datetime
) -> AttemptResult:
    """Return the result of a closed attempt.

    Raises:
        NotFoundError: if there is none, or it is somebody else's.
        ConflictError: while it is open.
    """
    sitting = _open(database, library, attempt_id=attempt_id, user_id=user_id, now=now)
    return sittings.show_result(sitting, library, now)


def look_at_skills(database: Database, *, user_id: int, now: datetime) -> dict[str, SkillEstimate]:
    """Return what all answers of a learner say of their skills by now, by skill."""
    with database.snapshot() as session:
        beliefs = skills.list_beliefs(session, user_id=user_id)
    return {belief.skill: estimate(belief, now) for belief in beliefs}


def _open(
    database: Database, library: Library, *, attempt_id: int, user_id: int, now: datetime
) -> Sitting:
    with database.snapshot() as session:
        attempt = attempts.get_attempt(session, attempt_id=attempt_id, user_id=user_id)
        sitting = sittings.read_sitting(session, library, attempt, now)
    if not sitting.is_due(now) and not sitting.list_stale():
        return sitting
    with database.transaction() as session:
        return sittings.load_sitting(
            session, library, attempt_id=attempt_id, user_id=user_id, now=now
        )
