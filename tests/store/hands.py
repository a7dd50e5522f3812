"""A learner's hands: every use case of answering with the clock and the ids filled in."""

from __future__ import annotations

from sqlalchemy import func, select

from quizzer.domain.attempts import Chosen
from quizzer.services import answering, looking, reviewing
from quizzer.store.tables import ResponseRow
from tests.factories import NOON

RIGHT, WRONG = Chosen(keys=("a",)), Chosen(keys=("b",))


class Learner:
    """One learner's hands on one library."""

    def __init__(self, database, user, library):
        self.database, self.user, self.library, self.now = database, user, library, NOON
        self.attempt_id = 0

    def call(self, function, **kwargs):
        with self.database.transaction() as session:
            return function(session, self.library, user_id=self.user.id, now=self.now, **kwargs)

    def look(self, function, **kwargs):
        return function(self.database, self.library, user_id=self.user.id, now=self.now, **kwargs)

    def start(self, mode="practice", lesson="lesson", seed=1):
        shown = self.call(answering.start_attempt, mode=mode, lesson=lesson, seed=seed)
        self.attempt_id = shown.attempt.id
        return shown

    def start_round(self, seed=1):
        """Begin a round of review, or None where nothing is due."""
        shown = self.call(reviewing.start_round, seed=seed)
        self.attempt_id = shown.attempt.id if shown else 0
        return shown

    def answer(self, chosen=RIGHT, *, position=1, try_no=1, confidence=None):
        return self.call(
            answering.answer,
            attempt_id=self.attempt_id,
            position=position,
            try_no=try_no,
            chosen=chosen,
            confidence=confidence,
        )

    def hint(self, hint_no, position=1):
        return self.call(
            answering.use_hint, attempt_id=self.attempt_id, position=position, hint_no=hint_no
        )

    def reveal(self, position=1):
        return self.call(answering.reveal, attempt_id=self.attempt_id, position=position)

    def get(self):
        return self.look(looking.look_at_attempt, attempt_id=self.attempt_id)

    def get_result(self):
        return self.look(looking.look_at_result, attempt_id=self.attempt_id)

    def finish(self):
        return self.call(answering.finish, attempt_id=self.attempt_id)


def count(database, table=ResponseRow):
    with database.snapshot() as session:
        return session.scalar(select(func.count()).select_from(table))
