"""Who is asking: a signed cookie with the user's id, the version of their sessions and its own key.

A visitor has no account until they do something worth keeping; then they become a guest. Raising
the version in the database ends every session that carries the old one; logging out writes down the
key, and ends that session for every copy of its cookie. A guest who logs in to an
account, and keeps what they did apart from it, is put aside in the cookie: logging out brings them
back.
"""

from __future__ import annotations

import hmac
import secrets

from flask import current_app, g, request, session
from sqlalchemy.orm import Session

from quizzer.errors import NotFoundError, PermissionDeniedError
from quizzer.services import accounts
from quizzer.services.accounts import User
from quizzer.web.site import get_site

GUEST_NAME = "Guest"
_USER, _VERSION, _KEY, _ASIDE, _BROUGHT = "user", "version", "key", "aside", "brought"
_WHO = (_USER, _VERSION, _KEY)
_VISITOR = "visitor"
_KEY_BYTES = 12
_FOR_NOBODY = frozenset({"static", "pages.check_health"})  # the same for everyone: no cookie read


def load_user() -> None:
    """Find the user that the cookie names, once per request; None for a visitor."""
    g.user = None
    if request.endpoint in _FOR_NOBODY:
        return
    g.user = _find_named(*(session.get(name) for name in _WHO))
    if g.user is None:
        # Written anew with each answer, it would outlive what is kept of the session's end.
        for name in _WHO:
            session.pop(name, None)


def find_user() -> User | None:
    """Return the user of this request, or None for a visitor."""
    user: User | None = g.get("user")
    return user


def get_user() -> User:
    """Return the user of this request.

    Raises:
        NotFoundError: for a visitor, who owns nothing yet.
    """
    user = find_user()
    if user is None:
        raise NotFoundError(
            "This belongs to a learner, and you are not logged in. Log in, or start a lesson."
        )
    return user


def require_instructor() -> User:
    """Return the user of this request.

    Raises:
        PermissionDeniedError: unless they are an instructor.
    """
    user = find_user()
    if user is None or user.role != "instructor":
        raise PermissionDeniedError("Only instructors see this page. Log in as one.")
    return user


def ensure_user(writing: Session) -> User:
    """Return the user of this request; a visitor becomes a guest now."""
    user = find_user()
    if user is None:
        user = accounts.make_guest(
            writing, name=GUEST_NAME, now=get_site().now(), address=request.remote_addr or ""
        )
    return user


def ensure_user_now() -> User:
    """Return the user of this request; a visitor becomes a guest, and is remembered, at once."""
    with get_site().database.transaction() as writing:
        user = ensure_user(writing)
    remember(user)
    return user


def remember(user: User, *, is_renewed: bool = False) -> None:
    """Make this browser's next requests the user's.

    Call it after the transaction that made the user has ended.

    Args:
        user: whom to remember.
        is_renewed: whether nobody but this browser may go on as the user, as after a new password.

    The form token changes when somebody logs in or registers, so that nobody can plant a session
    that they know. It stays when a visitor becomes a guest: there is nothing to steal yet, and the
    forms of the pages that are open already must go on working.
    """
    if is_renewed or _is_login(user):
        _clear()
    session.update(describe(user, key=session.get(_KEY)))
    session.permanent = True
    g.user = user


def describe(user: User, *, key: str | None = None) -> dict[str, object]:
    """Return what a cookie says of a session; without its key, of a new one."""
    values = (user.id, user.session_version, key or secrets.token_urlsafe(_KEY_BYTES))
    return dict(zip(_WHO, values, strict=True))


def _is_login(user: User) -> bool:
    before = find_user()
    return not user.is_guest and (before is None or before.is_guest or before.id != user.id)


def end() -> None:
    """End the session that this browser's cookie names, for every copy of it."""
    user = find_user()
    if user is not None:
        _end(user, session[_KEY])


def forget() -> None:
    """Log this browser out; a guest who was put aside is back then, in a session of its own."""
    aside = find_aside()
    end()
    if aside is not None:
        _end(aside, session[_ASIDE][-1])
    session.clear()
    g.user = None
    if aside is not None:
        remember(aside)


def _end(user: User, key: str) -> None:
    site = get_site()
    with site.database.transaction() as writing:
        accounts.end_session(writing, user_id=user.id, key=key, now=site.now())


def put_aside(guest: User) -> None:
    """Keep a guest until this browser logs out; call it after `remember` of the account."""
    session[_ASIDE] = list(describe(guest).values())


def drop_aside() -> None:
    """Keep no guest any more."""
    session.pop(_ASIDE, None)


def find_aside() -> User | None:
    """Return the guest that was put aside, or None."""
    aside = session.get(_ASIDE)
    if not isinstance(aside, list) or len(aside) != len(_WHO):
        return None
    found = _find_named(*aside)
    return found if found is not None and found.is_guest else None


def take_drafts(guest: User) -> None:
    """Let the account go on with what the guest who was brought into it was writing here."""
    session[_BROUGHT] = [*session.get(_BROUGHT, []), guest.id]


def describe_drafts() -> dict[str, str]:
    """Return for the templates whose drafts lie in this browser: marks that tell nobody an id.

    `drafts` has the mark of the reader, and that of a guest who was put aside; `takes` has those
    whose drafts become the reader's. What lies there of anybody else is to be removed.
    """
    user, aside = find_user(), session.get(_ASIDE)
    own = [_VISITOR] if user is None else [_mark(user.id)]
    kept = [_mark(aside[0])] if isinstance(aside, list) and aside else []
    taken = [] if user is None else [_VISITOR, *map(_mark, session.get(_BROUGHT, []))]
    return {"drafts": " ".join(own + kept), "takes": " ".join(taken)}


def _mark(user_id: int) -> str:
    secret = current_app.config["SECRET_KEY"].encode()
    return hmac.new(secret, f"drafts of {user_id}".encode(), "sha256").hexdigest()[:16]


def _find_named(user_id: object, version: object, key: object) -> User | None:
    if not (isinstance(user_id, int) and isinstance(version, int) and isinstance(key, str)):
        return None
    with get_site().database.snapshot() as reading:
        return accounts.find_user_by_session(
            reading, user_id=user_id, session_version=version, key=key
        )


def _clear() -> None:
    """Forget everything but a guest who was put aside."""
    aside = session.get(_ASIDE)
    session.clear()
    if aside is not None:
        session[_ASIDE] = aside
