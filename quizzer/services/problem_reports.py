"""Learners tell what is wrong with an item; instructors read it and settle it."""

from __future__ import annotations

from datetime import datetime, timedelta
from math import ceil

from sqlalchemy.orm import Session

from quizzer.domain.wellformed import is_storable
from quizzer.errors import InvalidResponseError, NotFoundError, TooManyRequestsError
from quizzer.store import problem_reports, users
from quizzer.store.problem_reports import ProblemReport

__all__ = ["ProblemReport", "count_open", "list_open", "report", "settle"]

LONGEST_CHARACTERS = 1000
MOST_AN_HOUR = 5
MOST_SHOWN = 200
_HOUR = timedelta(hours=1)


def report(session: Session, *, user_id: int, item_key: str, words: str, now: datetime) -> None:
    """Store what a learner says is wrong with an item, with the revision that they saw.

    The very same words sent again, as by a double click, are stored once.

    Raises:
        NotFoundError: if they have neither answered the item nor given it up.
        InvalidResponseError: if nothing is said, or too much.
        TooManyRequestsError: after as many as an hour may have.
    """
    users.lock_user(session, user_id=user_id)
    revision = problem_reports.find_seen_revision(session, user_id=user_id, item_key=item_key)
    if revision is None:
        raise NotFoundError("You have met no such question. Answer it first, then say what is off.")
    said = _require_words(words)
    is_told = problem_reports.has_open_report(
        session, user_id=user_id, item_key=item_key, item_revision=revision, words=said
    )
    if is_told:
        return
    _require_patience(session, user_id, now)
    problem_reports.record_report(
        session, user_id=user_id, item_key=item_key, item_revision=revision, words=said, now=now
    )


def list_open(session: Session) -> tuple[ProblemReport, ...]:
    """Return the reports that wait, the oldest first, up to `MOST_SHOWN`."""
    return problem_reports.list_open_reports(session, limit=MOST_SHOWN)


def count_open(session: Session) -> int:
    """Return how many reports wait."""
    return problem_reports.count_open_reports(session)


def settle(session: Session, *, report_id: int, now: datetime) -> None:
    """Have done with a report; one that is settled already stays so.

    Raises:
        NotFoundError: if there is none.
    """
    if not problem_reports.settle_report(session, report_id=report_id, now=now):
        raise NotFoundError("There is no such report any more.")


def _require_words(words: str) -> str:
    said = words.replace("\r\n", "\n").strip()
    if not said:
        raise InvalidResponseError("Say in a few words what is wrong, and send it again.")
    if not is_storable(said):
        raise InvalidResponseError(
            "That is no text that can be stored. Type it, and send it again."
        )
    if len(said) > LONGEST_CHARACTERS:
        raise InvalidResponseError(
            f"A report has at most {LONGEST_CHARACTERS} characters; this one has {len(said)}."
            " Shorten it, and send it again."
        )
    return said


def _require_patience(session: Session, user_id: int, now: datetime) -> None:
    moments = problem_reports.list_recent_moments(session, user_id=user_id, since=now - _HOUR)
    if len(moments) < MOST_AN_HOUR:
        return
    wait_s = ceil((moments[-MOST_AN_HOUR] + _HOUR - now).total_seconds())
    raise TooManyRequestsError(
        f"You have reported {MOST_AN_HOUR} problems within the hour, and all are kept. Send this"
        f" one in {ceil(wait_s / 60)} minutes.",
        retry_after_s=max(1, wait_s),
    )
