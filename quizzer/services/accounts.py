"""Who somebody is: guests by a cookie, accounts by a password.

A guest who registers keeps the same row, and with it everything they have done.
"""

from __future__ import annotations

import unicodedata
from datetime import datetime, timedelta
from math import ceil

from argon2 import PasswordHasher
from argon2.exceptions import VerifyMismatchError
from sqlalchemy.orm import Session

from quizzer.domain.people import INSTRUCTOR, User
from quizzer.errors import (
    ConflictError,
    InvalidResponseError,
    NotFoundError,
    TooManyRequestsError,
)
from quizzer.store import users
from quizzer.store.db import Database

__all__ = [
    "User",
    "change_name",
    "find_user_by_session",
    "get_user",
    "log_in",
    "log_out_everywhere",
    "make_guest",
    "promote",
    "register",
]

SHORTEST_NAME, LONGEST_NAME = 2, 40
SHORTEST_PASSWORD, LONGEST_PASSWORD = 8, 200
FAILURES_ALLOWED = 5  # per name and address
FAILURES_ALLOWED_OF_NAME = 50  # from all addresses together
FAILURE_WINDOW = timedelta(minutes=15)

# OWASP's smaller choice for argon2id: about 30 ms of a web thread. Never within a transaction:
# everybody who writes would wait for it.
_HASHER = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)
# Checked where there is no such account, so that the time taken does not tell which names exist.
_NOBODYS_HASH = _HASHER.hash("nobody has this password")


def get_user(session: Session, *, user_id: int) -> User:
    """Return the user with that id.

    Raises:
        NotFoundError: if there is none.
    """
    return users.get_user(session, user_id=user_id)


def find_user_by_session(session: Session, *, user_id: int, session_version: int) -> User | None:
    """Return the user that a session cookie names, or None if that session is over."""
    user = users.find_user(session, user_id=user_id)
    return user if user is not None and user.session_version == session_version else None


def make_guest(session: Session, *, name: str, now: datetime) -> User:
    """Make a guest. Guests may share a name with anybody.

    Raises:
        InvalidResponseError: for a name that is too short, too long or not plain text.
    """
    name = _require_name(name)
    return users.record_user(session, name=name, folded_name=_fold(name), now=now)


def register(
    database: Database, *, name: str, password: str, guest_id: int | None, now: datetime
) -> User:
    """Make an account; a guest's row becomes it, with all its progress.

    The older sessions of that guest are over: remember the returned user.

    Raises:
        InvalidResponseError: for a name or password that cannot be taken.
        ConflictError: if the name is taken, or the guest has an account already.
    """
    name = _require_name(name)
    _require_password(password)
    password_hash = _HASHER.hash(password)
    with database.transaction() as session:
        guest = _find_guest(session, guest_id) or make_guest(session, name=name, now=now)
        _require_free(session, name, for_user_id=guest.id)
        users.set_name(session, user_id=guest.id, name=name, folded_name=_fold(name))
        users.set_password_hash(session, user_id=guest.id, password_hash=password_hash)
        return users.raise_session_version(session, user_id=guest.id)


def log_in(
    database: Database, *, name: str, password: str, address: str, now: datetime
) -> User | None:
    """Return the account's user, or None if name and password do not belong together.

    None is a value, not an error, so that the failure is kept: five of one name from one address
    within a quarter of an hour, and that pair has to wait.

    Raises:
        TooManyRequestsError: while it has to wait, whatever the password.
    """
    folded, address = _fold(name)[:120], address[:64]
    with database.snapshot() as session:
        _require_patience(session, folded, address, now)
        found = users.find_credentials(session, folded_name=folded)
    is_right = _is_password(found.password_hash if found else _NOBODYS_HASH, password)
    with database.transaction() as session:
        _require_patience(session, folded, address, now)  # of those that guess at the same time
        if found is None or not is_right:
            users.record_login_failure(session, folded_name=folded, address=address, now=now)
            return None
        before = now - FAILURE_WINDOW
        users.clear_login_failures(session, folded_name=folded, address=address, before=before)
        return users.get_user(session, user_id=found.user.id)


def change_name(session: Session, *, user_id: int, name: str) -> User:
    """Change what somebody is called.

    Raises:
        InvalidResponseError: for a name that cannot be taken.
        ConflictError: if an account changes to the name of another one.
    """
    name = _require_name(name)
    if not users.get_user(session, user_id=user_id).is_guest:
        _require_free(session, name, for_user_id=user_id)
    return users.set_name(session, user_id=user_id, name=name, folded_name=_fold(name))


def log_out_everywhere(session: Session, *, user_id: int) -> User:
    """End all sessions of a user; the returned one carries the version of new sessions."""
    return users.raise_session_version(session, user_id=user_id)


def promote(session: Session, *, name: str) -> User:
    """Make the account of that name an instructor.

    Raises:
        NotFoundError: if there is no such account.
    """
    found = users.find_credentials(session, folded_name=_fold(name))
    if found is None:
        raise NotFoundError(f"There is no account named {name!r}.")
    return users.set_role(session, user_id=found.user.id, role=INSTRUCTOR)


def _normalise(name: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", name).split())


def _fold(name: str) -> str:
    """Return a name as it is compared: one spelling for all cases and forms of its letters."""
    return unicodedata.normalize("NFKC", _normalise(name).casefold())


def _require_name(name: str) -> str:
    name = _normalise(name)
    if not SHORTEST_NAME <= len(name) <= LONGEST_NAME:
        raise InvalidResponseError(
            f"A name has {SHORTEST_NAME} to {LONGEST_NAME} characters; this one has {len(name)}.",
            field="name",
        )
    if not name.isprintable():
        raise InvalidResponseError("A name holds visible characters only.", field="name")
    return name


def _require_password(password: str) -> None:
    if len(password) < SHORTEST_PASSWORD:
        raise InvalidResponseError(
            f"A password has at least {SHORTEST_PASSWORD} characters.", field="password"
        )
    if len(password) > LONGEST_PASSWORD:
        raise InvalidResponseError(
            f"A password has at most {LONGEST_PASSWORD} characters.", field="password"
        )


def _require_free(session: Session, name: str, *, for_user_id: int) -> None:
    holder = users.find_credentials(session, folded_name=_fold(name))
    if holder is not None and holder.user.id != for_user_id:
        raise ConflictError("This name is taken. Please choose another one.")


def _require_patience(session: Session, folded: str, address: str, now: datetime) -> None:
    since = now - FAILURE_WINDOW
    failures = users.list_login_failures(session, folded_name=folded, address=address, since=since)
    of_name = users.count_login_failures_of_name(session, folded_name=folded, since=since)
    if len(failures) < FAILURES_ALLOWED and of_name < FAILURES_ALLOWED_OF_NAME:
        return
    first = failures[-FAILURES_ALLOWED] if len(failures) >= FAILURES_ALLOWED else now
    wait_s = max(1, ceil((first + FAILURE_WINDOW - now).total_seconds()))
    raise TooManyRequestsError(
        f"Too many failed attempts to log in. Please try again in {ceil(wait_s / 60)} minutes.",
        retry_after_s=wait_s,
    )


def _find_guest(session: Session, guest_id: int | None) -> User | None:
    if guest_id is None:
        return None
    guest = users.lock_user(session, user_id=guest_id)
    if not guest.is_guest:
        raise ConflictError("You have an account already. Log out first to make another one.")
    return guest


def _is_password(password_hash: str, password: str) -> bool:
    if len(password) > LONGEST_PASSWORD:
        return False
    try:
        return _HASHER.verify(password_hash, password)
    except VerifyMismatchError:
        return False
