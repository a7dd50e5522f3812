"""A guest who has an account already: bringing what they did as a guest into it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from quizzer.domain.attempts import Attempt
from quizzer.domain.mastery import Belief, index_beliefs, join_beliefs
from quizzer.domain.people import Action, User, name_user
from quizzer.errors import ConflictError, NotFoundError
from quizzer.services import remembering
from quizzer.services import sitting as sittings
from quizzer.services.sitting import Library
from quizzer.store import attempts, audit, belongings, skills, submissions, users

# Of two rows about one thing the one that was touched last is kept; in other tables the account's.
_NEWEST = {"review_card": "reviewed_at"}


@dataclass(frozen=True, slots=True, kw_only=True)
class GuestProgress:
    """What a guest has done, as they are told before they choose.

    Attributes:
        responses, submissions: how many they sent.
        is_timed: whether a clock of theirs is running.
    """

    responses: int
    submissions: int
    is_timed: bool

    @property
    def has_any(self) -> bool:
        """Whether there is something to bring along."""
        return bool(self.responses or self.submissions or self.is_timed)


def look_at_guest(session: Session, *, user_id: int, now: datetime) -> GuestProgress:
    """Return what a guest has done."""
    responses, submissions = belongings.count_deeds(session, user_id=user_id)
    left_open = attempts.list_open_attempts(session, user_id=user_id)
    return GuestProgress(
        responses=responses,
        submissions=submissions,
        is_timed=any(one.ends_at is not None and one.ends_at > now for one in left_open),
    )


def merge_guest(
    session: Session, library: Library, *, guest_id: int, account_id: int, now: datetime
) -> User:
    """Bring everything of a guest into an account; the guest is gone then. Return the account.

    A guest who is gone already, as by a double click, is brought no second time.
    Where both have a round of one mode and lesson open, the one with more answers stays open, and
    the other is closed and keeps what was earned in it. What is believed of a skill is joined, and
    the cards of exercises are made anew from what was handed in as either.

    Raises:
        NotFoundError: if there is no such account.
        ConflictError: unless it is a guest and an account.
    """
    held = users.lock_users(session, user_ids=(guest_id, account_id))
    account = held.get(account_id)
    if account is None:
        raise NotFoundError("There is no such account any more.")
    if guest_id not in held:
        return account
    if account.is_guest or not held[guest_id].is_guest:
        raise ConflictError("Only what was done as a guest can be brought into an account.")
    _close_rivals(session, library, guest_id, account_id, now)
    _join_beliefs(session, guest_id, account_id)
    belongings.move_belongings(session, from_id=guest_id, to_id=account_id, newest=_NEWEST)
    for exercise in submissions.list_exercises(session, user_id=account_id):
        remembering.remember_exercise(session, user_id=account_id, exercise=exercise)
    users.delete_user(session, user_id=guest_id)
    audit.record_action(
        session,
        action=Action.GUEST_MERGED,
        subject_id=account_id,
        actor=name_user(account_id),
        now=now,
    )
    return account


def _close_rivals(
    session: Session, library: Library, guest_id: int, account_id: int, now: datetime
) -> None:
    theirs = {
        (one.mode, one.lesson): one
        for one in attempts.list_open_attempts(session, user_id=account_id)
    }
    for own in attempts.list_open_attempts(session, user_id=guest_id):
        other = theirs.get((own.mode, own.lesson))
        if other is not None:
            _close(session, library, min(own, other, key=lambda one: _weigh(session, one)), now)


def _weigh(session: Session, attempt: Attempt) -> tuple[int, datetime]:
    """Return how much of an attempt is done, and when it was begun."""
    responses = attempts.list_responses(session, attempt_ids=[attempt.id])[attempt.id]
    return len({response.position for response in responses}), attempt.started_at


def _close(session: Session, library: Library, attempt: Attempt, now: datetime) -> None:
    if attempt.policy is None:  # its mode is no longer offered
        attempts.close_attempt(session, attempt, at=now, score=0.0)
        return
    sitting = sittings.read_sitting(session, library, attempt)
    ends_at = attempt.ends_at
    sittings.close(session, sitting, at=min(now, ends_at) if ends_at else now)


def _join_beliefs(session: Session, guest_id: int, account_id: int) -> None:
    """Join what is believed of the guest's skills to what is believed of the account's."""
    known = index_beliefs(skills.list_beliefs(session, user_id=account_id))
    fresh = skills.list_beliefs(session, user_id=guest_id)
    joined = [
        join_beliefs(known.get(belief.skill, Belief(skill=belief.skill)), belief)
        for belief in fresh
    ]
    skills.set_beliefs(session, user_id=account_id, beliefs=joined)
