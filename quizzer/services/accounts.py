"""Who somebody is: guests by a cookie, accounts by a password.

A guest who registers keeps the same row, and with it everything they have done. What becomes of a
guest who logs in to an account that exists is for `merging`.
"""

from __future__ import annotations

import unicodedata
from datetime import datetime, timedelta
from hashlib import sha256
from math import ceil

from sqlalchemy.orm import Session

from quizzer.domain.people import INSTRUCTOR, Action, User, name_user
from quizzer.domain.wellformed import is_storable
from quizzer.errors import (
    ConflictError,
    InvalidResponseError,
    NotFoundError,
    TooManyRequestsError,
)
from quizzer.services.passwords import hash_password, is_password, require_password
from quizzer.store import audit, users
from quizzer.store.db import Database
from quizzer.store.users import Credentials

__all__ = [
    "User",
    "change_name",
    "change_password",
    "find_user_by_session",
    "get_account",
    "get_user",
    "is_name_of",
    "log_in",
    "log_out_everywhere",
    "make_guest",
    "promote",
    "register",
    "require_session",
]

SHORTEST_NAME, LONGEST_NAME = 2, 40
FAILURES_ALLOWED = 5  # per name and address
FAILURES_ALLOWED_OF_NAME = 50  # from all addresses together
FAILURE_WINDOW = timedelta(minutes=15)
_MINUTE_S = 60


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
    database: Database,
    *,
    name: str,
    password: str,
    guest_id: int | None,
    now: datetime,
    form_key: str = "",
) -> User:
    """Make an account; a guest's row becomes it, with all its progress.

    The older sessions of that guest are over: remember the returned user. The same form sent twice,
    as by a double click, makes one account, and both times it is returned.

    Args:
        database: to write to.
        name: as it was typed.
        password: as it was typed.
        guest_id: who asks, or None for a visitor.
        now: the moment.
        form_key: tells the form from all others that were ever shown; empty where there is none.

    Raises:
        InvalidResponseError: for a name or password that cannot be taken.
        ConflictError: if the name is taken, or the guest has an account already.
    """
    name = _require_name(name)
    require_password(password, name=name)
    password_hash = hash_password(password)
    key_hash = sha256(form_key.encode("utf-8", "replace")).hexdigest() if form_key else None
    try:
        with database.transaction() as session:
            guest = _find_guest(session, guest_id) or make_guest(session, name=name, now=now)
            users.make_account(
                session,
                user_id=guest.id,
                name=name,
                folded_name=_fold(name),
                password_hash=password_hash,
                form_key_hash=key_hash,
            )
            return users.raise_session_version(session, user_id=guest.id)
    except ConflictError:
        made = _find_made(database, name, password, key_hash)
        if made is None:
            raise
        return made


def log_in(
    database: Database, *, name: str, password: str, address: str, now: datetime
) -> User | None:
    """Return the account's user, or None if name and password do not belong together.

    None is a value, not an error, so that the failure is kept: five of one name from one address
    within a quarter of an hour, and that pair has to wait.

    Raises:
        TooManyRequestsError: while it has to wait, whatever the password.
    """
    if not is_storable(name):  # so it is nobody's, and no database could be asked for it
        return None
    folded, address = _fold(name)[:120], address[:64]
    with database.snapshot() as session:
        _require_patience(session, folded, address, now)
        found = users.find_credentials(session, folded_name=folded)
    is_right = is_password(found.password_hash if found else None, password)
    with database.transaction() as session:
        if found is not None and not _hold(session, found):
            found = None
        _require_patience(session, folded, address, now)  # of those that guess at the same time
        if found is None or not is_right:
            users.record_login_failure(session, folded_name=folded, address=address, now=now)
            return None
        before = now - FAILURE_WINDOW
        users.clear_login_failures(session, folded_name=folded, address=address, before=before)
        return users.get_user(session, user_id=found.user.id)


def change_password(
    database: Database, *, user: User, old: str, new: str, address: str, now: datetime
) -> User:
    """Give an account another password; its sessions end: remember the returned user.

    Whoever does not know the old one is slowed down as at the log-in. The same form sent twice, as
    by a double click, changes it once, and both times the user is returned.

    Raises:
        InvalidResponseError: for an old password that is wrong, or a new one that cannot be taken.
        ConflictError: for a guest, who has no password, and where the user's session ended.
        TooManyRequestsError: as `log_in`.
    """
    if user.is_guest:
        raise ConflictError("A guest has no password. Make an account first.")
    require_password(new, name=user.name, field="new")
    try:
        return _change_password(database, user, old=old, new=new, address=address, now=now)
    except (InvalidResponseError, ConflictError):
        changed = _find_by_password(database, user, new)
        if changed is None:
            raise
        return changed


def _change_password(
    database: Database, user: User, *, old: str, new: str, address: str, now: datetime
) -> User:
    if log_in(database, name=user.name, password=old, address=address, now=now) is None:
        raise InvalidResponseError("This is not your current password.", field="old")
    password_hash = hash_password(new)
    with database.transaction() as session:
        require_session(session, user=user)
        users.set_password_hash(session, user_id=user.id, password_hash=password_hash)
        audit.record_action(
            session,
            action=Action.PASSWORD_CHANGED,
            subject_id=user.id,
            actor=name_user(user.id),
            now=now,
        )
        return users.raise_session_version(session, user_id=user.id)


def require_session(session: Session, *, user: User) -> None:
    """Hold a user's row, and raise unless the session in which they were read still goes on.

    Raises:
        ConflictError: if it was ended meanwhile, as by a new password.
        NotFoundError: if they are gone.
    """
    if users.lock_user(session, user_id=user.id).session_version != user.session_version:
        raise ConflictError(
            "You were logged out meanwhile, in another browser or tab. Nothing was changed: log in "
            "and try again."
        )


def change_name(session: Session, *, user_id: int, name: str) -> User:
    """Change what somebody is called.

    Raises:
        InvalidResponseError: for a name that cannot be taken.
        ConflictError: if an account changes to the name of another one.
    """
    name = _require_name(name)
    return users.set_name(session, user_id=user_id, name=name, folded_name=_fold(name))


def log_out_everywhere(session: Session, *, user_id: int, now: datetime) -> User:
    """End all sessions of a user; the returned one carries the version of new sessions."""
    audit.record_action(
        session,
        action=Action.SESSIONS_ENDED,
        subject_id=user_id,
        actor=name_user(user_id),
        now=now,
    )
    return users.raise_session_version(session, user_id=user_id)


def promote(session: Session, *, name: str) -> User:
    """Make the account of that name an instructor.

    Raises:
        NotFoundError: if there is no such account.
    """
    user = get_account(session, name=name)
    return users.set_role(session, user_id=user.id, role=INSTRUCTOR)


def get_account(session: Session, *, name: str) -> User:
    """Return the account of that name, in any spelling of it.

    Raises:
        NotFoundError: if there is no such account.
    """
    found = users.find_credentials(session, folded_name=_fold(name)) if is_storable(name) else None
    if found is None:
        raise NotFoundError(f"There is no account named {name!r}.")
    return found.user


def is_name_of(user: User, typed: str) -> bool:
    """Return whether what was typed is the user's name, in any spelling of it."""
    return _fold(typed) == _fold(user.name)


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


def _find_made(database: Database, name: str, password: str, key_hash: str | None) -> User | None:
    """Return the account that this very form has made already, or None."""
    with database.snapshot() as session:
        found = users.find_credentials(session, folded_name=_fold(name))
    if found is None or key_hash is None or found.form_key_hash != key_hash:
        return None
    return found.user if is_password(found.password_hash, password) else None


def _find_by_password(database: Database, user: User, password: str) -> User | None:
    """Return the user as they are now if that is their password, or None."""
    with database.snapshot() as session:
        found = users.get_credentials(session, user_id=user.id)
    return found.user if found and is_password(found.password_hash, password) else None


def _hold(session: Session, found: Credentials) -> bool:
    """Hold an account's row until the transaction ends; False if its password is another by now.

    So those that guess at the same time are counted one after the other.
    """
    users.lock_user(session, user_id=found.user.id)
    now = users.get_credentials(session, user_id=found.user.id)
    return now is not None and now.password_hash == found.password_hash


def _require_patience(session: Session, folded: str, address: str, now: datetime) -> None:
    since = now - FAILURE_WINDOW
    failures = users.list_login_failures(session, folded_name=folded, address=address, since=since)
    of_pair = failures[-FAILURES_ALLOWED] if len(failures) >= FAILURES_ALLOWED else None
    of_name = users.find_login_failure_of_name(
        session, folded_name=folded, since=since, nth=FAILURES_ALLOWED_OF_NAME
    )
    in_the_way = [at for at in (of_pair, of_name) if at is not None]
    if not in_the_way:
        return
    wait_s = max(1, ceil((max(in_the_way) + FAILURE_WINDOW - now).total_seconds()))
    raise TooManyRequestsError(
        f"Too many failed attempts to log in. Please try again in {_say_wait(wait_s)}.",
        retry_after_s=wait_s,
    )


def _say_wait(wait_s: int) -> str:
    number, word = (
        (wait_s, "second") if wait_s < _MINUTE_S else (ceil(wait_s / _MINUTE_S), "minute")
    )
    return f"{number} {word}" if number == 1 else f"{number} {word}s"


def _find_guest(session: Session, guest_id: int | None) -> User | None:
    if guest_id is None:
        return None
    guest = users.lock_user(session, user_id=guest_id)
    if not guest.is_guest:
        raise ConflictError("You have an account already. Log out first to make another one.")
    return guest
