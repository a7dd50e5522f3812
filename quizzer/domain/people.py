"""Learners and instructors, and what is written down about changes of their accounts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

LEARNER = "learner"
INSTRUCTOR = "instructor"


@dataclass(frozen=True, slots=True, kw_only=True)
class User:
    """A person as the site knows them.

    Attributes:
        is_guest: known by a cookie alone, without a password.
        role: learner or instructor.
        session_version: sessions that carry an older one are over.
    """

    id: int
    name: str
    is_guest: bool
    role: str
    session_version: int


class Action(StrEnum):
    """What is written down when it is done to an account."""

    PROMOTED = "promoted"
    PASSWORD_CHANGED = "password-changed"  # noqa: S105 - the name of what was done
    RESET_LINK_MADE = "reset-link-made"
    PASSWORD_RESET = "password-reset"  # noqa: S105 - likewise
    SESSIONS_ENDED = "sessions-ended"
    GUEST_MERGED = "guest-merged"
    DELETED = "deleted"


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditEntry:
    """One change: numbers and no personal texts, so that it may outlive the account.

    Attributes:
        subject_id: the user it was done to; there may be none of that id any more.
        actor: who did it, as `name_user` or `name_operator` names them.
    """

    at: datetime
    action: Action
    subject_id: int
    actor: str


def name_user(user_id: int) -> str:
    """Return how the audit names somebody who acted on the site."""
    return f"user {user_id}"


def name_operator(uid: int) -> str:
    """Return how the audit names whoever acted on the command line, by their number there."""
    return f"operator {uid}"
