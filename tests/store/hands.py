"""A learner's hands: every use case of answering with the clock and the ids filled in."""

from __future__ import annotations

from dataclasses import replace

from sqlalchemy import func, select

from quizzer.domain.attempts import Chosen
from quizzer.domain.naming import name_options
from quizzer.services import answering, looking, remembering, reviewing
from quizzer.store import attempts, ledger, submissions
from quizzer.store.tables import ResponseRow
from tests.factories import NOON

RIGHT, WRONG = Chosen(keys=("a",)), Chosen(keys=("b",))
SHOWN_RIGHT, SHOWN_WRONG = Chosen(keys=("1",)), Chosen(keys=("2",))  # as a page names them


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
            chosen=self._word(chosen, position),
            confidence=confidence,
        )

    def _word(self, chosen, position):
        """Return a choice in the words of its page; a test names options by their keys."""
        ids = [self.attempt_id]
        with self.database.snapshot() as session:
            drawn = attempts.list_presentations(session, attempt_ids=ids)[self.attempt_id]
        found = [one.item_key for one in drawn if one.position == position]
        item = self.library.items.get(*found) if found else None
        if item is None or not item.kind.is_choice:
            return chosen
        names = name_options(item)
        return replace(chosen, keys=tuple(names.get(key, key) for key in chosen.keys))

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


def hand_in(hands, score, *, number=1, verdict="wrong"):
    """Let a submission for `lesson/sum` be graded with this score; return the run."""
    with hands.database.transaction() as session:
        submission_id = submissions.record_submission(
            session,
            user_id=hands.user.id,
            exercise="lesson/sum",
            source=b"",
            idempotency_key=f"{hands.user.id}-{number}",
            now=hands.now,
        )
    return grade(hands, submission_id, score, verdict=verdict)


def grade(hands, submission_id, score, *, verdict="wrong"):
    """Grade a new run of a submission, as a worker does."""
    with hands.database.transaction() as session:
        run_id = submissions.record_run(
            session,
            submission_id=submission_id,
            exercise_hash="hash",
            device="cpu",
            priority=1,
            now=hands.now,
        )
        claim = ledger.claim_run(
            session, run_id=run_id, worker="w", now=hands.now, lease_s=60, max_tries=3
        )
        report = {"exercise_hash": "hash", "verdict": verdict, "score": score, "checks": []}
        ledger.record_report(session, claim, report=report, now=hands.now)
        remembering.remember_submission(session, run_id=run_id)
    return run_id


def count(database, table=ResponseRow):
    with database.snapshot() as session:
        return session.scalar(select(func.count()).select_from(table))
