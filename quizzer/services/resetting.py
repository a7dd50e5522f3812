"""A link by which somebody who forgot their password sets a new one.

An administrator makes it on the command line and hands it over. It works once, for a day, and is
told once: the database keeps its hash.
"""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta
from hashlib import sha256

from sqlalchemy.orm import Session

from quizzer.domain.people import Action, User, name_user
from quizzer.errors import NotFoundError
from quizzer.services.accounts import get_account
from quizzer.services.passwords import hash_password, require_password
from quizzer.store import audit, users
from quizzer.store.db import Database

LINK_LASTS = timedelta(hours=24)
LONGEST_TOKEN = 100
_TOKEN_BYTES = 32


def make_reset_token(session: Session, *, name: str, actor: str, now: datetime) -> tuple[User, str]:
    """Return an account's user, and the token by which their password can be set; older ones end.

    Args:
        session: of the open transaction.
        name: of the account, in any spelling.
        actor: who makes it, as the audit names them.
        now: the moment.

    Raises:
        NotFoundError: if there is no such account.
    """
    user = users.lock_user(session, user_id=get_account(session, name=name).id)
    token = secrets.token_urlsafe(_TOKEN_BYTES)
    users.record_reset_link(
        session, user_id=user.id, token_hash=_hash(token), now=now, ends_at=now + LINK_LASTS
    )
    audit.record_action(
        session, action=Action.RESET_LINK_MADE, subject_id=user.id, actor=actor, now=now
    )
    return user, token


def get_user_of_token(session: Session, *, token: str, now: datetime) -> User:
    """Return whose password a token can set now; looking does not use it up.

    Raises:
        NotFoundError: if it cannot: used, too old, replaced by a newer one, or never made.
    """
    user = users.find_user_of_link(session, token_hash=_hash(token), now=now)
    if user is None:
        raise _make_refusal()
    return user


def reset_password(database: Database, *, token: str, password: str, now: datetime) -> User:
    """Set a new password by a token, and use it up; all sessions end: remember the returned user.

    Nobody waits any more who failed to log in by that name.

    Raises:
        NotFoundError: as `get_user_of_token`.
        InvalidResponseError: for a password that cannot be taken; the token stays good.
    """
    with database.snapshot() as session:
        user = get_user_of_token(session, token=token, now=now)
    require_password(password, name=user.name)
    password_hash = hash_password(password)
    with database.transaction() as session:
        users.lock_user(session, user_id=user.id)
        user_id = users.take_reset_link(session, token_hash=_hash(token), now=now)
        if user_id is None:
            raise _make_refusal()
        users.set_password_hash(session, user_id=user_id, password_hash=password_hash)
        users.clear_login_failures_of_user(session, user_id=user_id)
        audit.record_action(
            session,
            action=Action.PASSWORD_RESET,
            subject_id=user_id,
            actor=name_user(user_id),
            now=now,
        )
        return users.raise_session_version(session, user_id=user_id)


def _make_refusal() -> NotFoundError:
    return NotFoundError(
        "This link sets no password any more: it works once, for a day, and only the newest one "
        "does. Ask whoever runs this site for another."
    )


def _hash(token: str) -> str:
    return sha256(token[:LONGEST_TOKEN].encode("utf-8", "replace")).hexdigest()
