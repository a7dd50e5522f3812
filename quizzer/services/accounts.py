"""Who somebody is: guests by a cookie, accounts by a password.

A guest who registers keeps the same row, and with it everything they have done. What becomes of a
guest who logs in to an account that exists is for `merging`.
"""

from __future__ import annotations

import unicodedata
from datetime import datetime, timedelta
from hashlib import sha256

from sqlalchemy.orm import Session

from quizzer.domain.people import INSTRUCTOR, Action, User, name_user
from quizzer.domain.wellformed import is_storable
from quizzer.errors import ConflictError, InvalidResponseError, NotFoundError
from quizzer.services.passwords import hash_password, is_password, is_stale, require_password
from quizzer.services.throttling import (
    FAILURE_WINDOW,
    admit_newcomer,
    require_patience,
    shorten_address,
)
from quizzer.store import audit, users
from quizzer.store import sessions as ended_sessions
from quizzer.store.db import Database
from quizzer.store.users import Credentials

__all__ = [
    "User",
    "change_name",
    "change_password",
    "end_session",
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
SESSION_LASTS = timedelta(days=365)  # after the last page that was asked for in it


def get_user(session: Session, *, user_id: int) -> User:
    """Return the user with that id.

    Raises:
        NotFoundError: if there is none.
    """
    return users.get_user(session, user_id=user_id)


def find_user_by_session(
    session: Session, *, user_id: int, session_version: int, key: str = ""
) -> User | None:
    """Return the user that a session cookie names, or None if that session is over.

    Args:
        session: of the open transaction.
        user_id: as the cookie says.
        session_version: likewise.
        key: tells the session from the user's other ones, so that it can end alone.
    """
    return users.find_user_of_session(session, user_id=user_id, version=session_version, key=key)


def end_session(session: Session, *, user_id: int, key: str, now: datetime) -> None:
    """End one session of a user, for every copy of its cookie; nothing if they are gone."""
    if users.lock_users(session, user_ids=[user_id]):
        ended_sessions.record_ended_session(
            session, user_id=user_id, key=key, now=now, until=now + SESSION_LASTS
        )


def make_guest(session: Session, *, name: str, now: datetime, address: str | None = None) -> User:
    """Make a guest. Guests may share a name with anybody.

    Args:
        session: of the open transaction.
        name: as it was typed.
        now: the moment.
        address: from where they come; None where they come by no network.

    Raises:
        InvalidResponseError: for a name that is too short, too long or not plain text.
        TooManyRequestsError: where very many came from that address just now.
    """
    name = _require_name(name)
    if address is not None:
        admit_newcomer(session, address=address, now=now)
    return users.record_user(session, name=name, folded_name=_fold(name), now=now)


def register(
    database: Database,
    *,
    name: str,
    password: str,
    guest_id: int | None,
    now: datetime,
    form_key: str = "",
    address: str | None = None,
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
        address: as for `make_guest`.

    Raises:
        InvalidResponseError: for a name or password that cannot be taken.
        ConflictError: if the name is taken, or the guest has an account already.
        TooManyRequestsError: as `make_guest`.
    """
    name = _require_name(name)
    require_password(password, name=name)
    password_hash = hash_password(password)
    key_hash = sha256(form_key.encode("utf-8", "replace")).hexdigest() if form_key else None
    try:
        with database.transaction() as session:
            guest = _find_guest(session, guest_id) or make_guest(
                session, name=name, now=now, address=address
            )
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

    None is a value, not an error, so that the failure is kept: see `throttling` for how many there
    may be. A hash made with older parameters is made anew while the password is known.

    Raises:
        TooManyRequestsError: while it has to wait, whatever the password.
    """
    if not is_storable(name):  # so it is nobody's, and no database could be asked for it
        return None
    folded, address = _fold(name)[:120], shorten_address(address)
    with database.snapshot() as session:
        require_patience(session, folded_name=folded, address=address, now=now)
        found = users.find_credentials(session, folded_name=folded)
    is_right = is_password(found.password_hash if found else None, password)
    is_weak = found is not None and is_right and is_stale(found.password_hash)
    fresh = hash_password(password) if is_weak else None
    with database.transaction() as session:
        if found is not None and not _hold(session, found):
            found = None
        # Once more: others may have guessed at the same time.
        require_patience(session, folded_name=folded, address=address, now=now)
        if found is None or not is_right:
            users.record_login_failure(session, folded_name=folded, address=address, now=now)
            return None
        before = now - FAILURE_WINDOW
        users.clear_login_failures(session, folded_name=folded, address=address, before=before)
        if fresh is not None:
            users.renew_password_hash(session, user_id=found.user.id, password_hash=fresh)
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


def log_out_everywhere(
    session: Session, *, user_id: int, now: datetime, actor: str | None = None
) -> User:
    """End all sessions of a user; the returned one carries the version of new sessions.

    Args:
        session: of the open transaction.
        user_id: whose sessions.
        now: the moment.
        actor: who does it, as the audit names them; None: the user.
    """
    audit.record_action(
        session,
        action=Action.SESSIONS_ENDED,
        subject_id=user_id,
        actor=actor or name_user(user_id),
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


def _find_guest(session: Session, guest_id: int | None) -> User | None:
    if guest_id is None:
        return None
    guest = users.lock_user(session, user_id=guest_id)
    if not guest.is_guest:
        raise ConflictError("You have an account already. Log out first to make another one.")
    return guest
