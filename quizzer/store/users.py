"""Queries about people and about failures to log in."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, bindparam, delete, exists, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from quizzer.domain.people import LEARNER, User
from quizzer.errors import ConflictError, NotFoundError
from quizzer.store.db import read
from quizzer.store.tables import EndedSessionRow, LoginFailureRow, ResetLinkRow, UserRow

_UNSEEN = {"synchronize_session": False}  # of rows that no session holds as objects
# Every page asks it, and putting a statement together takes longer than asking it.
_USER = select(UserRow).where(UserRow.id == bindparam("user_id"))
_IS_OVER = exists().where(
    EndedSessionRow.user_id == bindparam("user_id"), EndedSessionRow.key == bindparam("key")
)
_USER_OF_SESSION = _USER.where(UserRow.session_version == bindparam("version"), ~_IS_OVER)


@dataclass(frozen=True, slots=True, kw_only=True)
class Credentials:
    """What a log-in is checked against. Its text form shows no hash."""

    user: User
    password_hash: str
    form_key_hash: str | None

    def __repr__(self) -> str:
        return f"Credentials(user={self.user!r})"


def find_user_of_session(session: Session, *, user_id: int, version: int, key: str) -> User | None:
    """Return the user whose session of that version and key goes on, or None."""
    asked = {"user_id": user_id, "version": version, "key": key}
    row = read(session, _USER_OF_SESSION, asked).first()
    return _to_user(row) if row else None


def get_user(session: Session, *, user_id: int) -> User:
    """Return the user with that id.

    Raises:
        NotFoundError: if there is none.
    """
    return _to_user(_get_row(session, user_id))


def lock_user(session: Session, *, user_id: int) -> User:
    """Return the user and hold their row until the transaction ends, where rows can be held.

    Raises:
        NotFoundError: if there is none.
    """
    held = lock_users(session, user_ids=[user_id])
    if not held:
        raise NotFoundError("There is no such user.")
    return held[user_id]


def lock_users(session: Session, *, user_ids: Collection[int]) -> dict[int, User]:
    """Return those of the users that are there, by id, and hold their rows like `lock_user`.

    In order of their ids, so that two such transactions never wait crosswise.
    """
    query = select(UserRow).where(UserRow.id.in_(user_ids)).order_by(UserRow.id)
    rows = session.scalars(query.with_for_update(), execution_options={"populate_existing": True})
    return {row.id: _to_user(row) for row in rows}


def find_credentials(session: Session, *, folded_name: str) -> Credentials | None:
    """Return the account of that name and its password's hash, or None."""
    row = session.scalars(select(UserRow).where(_is_account(folded_name))).first()
    if row is None or row.password_hash is None:
        return None
    return _to_credentials(row, row.password_hash)


def get_credentials(session: Session, *, user_id: int) -> Credentials | None:
    """Return the account of that id with its password's hash; None for a guest.

    Raises:
        NotFoundError: if there is no such user.
    """
    row = _get_row(session, user_id)
    return None if row.password_hash is None else _to_credentials(row, row.password_hash)


def record_user(session: Session, *, name: str, folded_name: str, now: datetime) -> User:
    """Insert a guest."""
    row = UserRow(
        name=name,
        folded_name=folded_name,
        password_hash=None,
        role=LEARNER,
        session_version=1,
        created_at=now,
        form_key_hash=None,
    )
    session.add(row)
    session.flush()
    return _to_user(row)


def set_name(session: Session, *, user_id: int, name: str, folded_name: str) -> User:
    """Change what somebody is called.

    Raises:
        ConflictError: if an account would have the name of another one.
    """
    row = _get_row(session, user_id)
    with _taking_name(session):
        row.name, row.folded_name = name, folded_name
    return _to_user(row)


def make_account(
    session: Session,
    *,
    user_id: int,
    name: str,
    folded_name: str,
    password_hash: str,
    form_key_hash: str | None,
) -> None:
    """Make a guest an account; the hash of the form's key says by which form.

    Raises:
        ConflictError: if the name is another account's.
    """
    row = _get_row(session, user_id)
    with _taking_name(session):
        row.name, row.folded_name = name, folded_name
        row.password_hash, row.form_key_hash = password_hash, form_key_hash


def renew_password_hash(session: Session, *, user_id: int, password_hash: str) -> None:
    """Keep the same password by a stronger hash."""
    _get_row(session, user_id).password_hash = password_hash


def set_password_hash(session: Session, *, user_id: int, password_hash: str) -> None:
    """Give an account another password; links that would set yet another one are void then."""
    _get_row(session, user_id).password_hash = password_hash
    session.execute(delete(ResetLinkRow).where(ResetLinkRow.user_id == user_id))


def delete_user(session: Session, *, user_id: int) -> None:
    """Delete a user with everything that is theirs, the failures to log in by their name included.

    What refers to a user goes with the row, table by table, as the database was told.
    """
    row = _get_row(session, user_id)
    if row.password_hash is not None:  # a guest's name is anybody's
        own = LoginFailureRow.folded_name == row.folded_name
        session.execute(delete(LoginFailureRow).where(own))
    session.execute(delete(UserRow).where(UserRow.id == user_id))
    session.expunge_all()


def record_reset_link(
    session: Session, *, user_id: int, token_hash: str, now: datetime, ends_at: datetime
) -> None:
    """Insert the link by which a user may set a new password, in the place of an older one."""
    session.execute(delete(ResetLinkRow).where(ResetLinkRow.user_id == user_id))
    session.add(ResetLinkRow(user_id=user_id, token_hash=token_hash, made_at=now, ends_at=ends_at))
    session.flush()


def find_user_of_link(session: Session, *, token_hash: str, now: datetime) -> User | None:
    """Return whose password the link of that hash may set now, or None."""
    query = (
        select(UserRow)
        .join(ResetLinkRow, ResetLinkRow.user_id == UserRow.id)
        .where(ResetLinkRow.token_hash == token_hash, ResetLinkRow.ends_at > now)
    )
    row = session.scalars(query).first()
    return _to_user(row) if row else None


def take_reset_link(session: Session, *, token_hash: str, now: datetime) -> int | None:
    """Use a link up; return whose it was, or None if it cannot be used any more."""
    return session.scalar(
        delete(ResetLinkRow)
        .where(ResetLinkRow.token_hash == token_hash, ResetLinkRow.ends_at > now)
        .returning(ResetLinkRow.user_id),
        execution_options=_UNSEEN,
    )


def set_role(session: Session, *, user_id: int, role: str) -> User:
    """Change what somebody may do."""
    row = _get_row(session, user_id)
    row.role = role
    return _to_user(row)


def raise_session_version(session: Session, *, user_id: int) -> User:
    """End all sessions that somebody has."""
    session.execute(
        update(UserRow)
        .where(UserRow.id == user_id)
        .values(session_version=UserRow.session_version + 1)
    )
    row = _get_row(session, user_id)
    session.refresh(row)
    return _to_user(row)


def record_login_failure(
    session: Session, *, folded_name: str, address: str, now: datetime
) -> None:
    """Insert one failure to log in."""
    session.add(LoginFailureRow(folded_name=folded_name, address=address, at=now))
    session.flush()


def list_login_failures(
    session: Session, *, folded_name: str, address: str, since: datetime
) -> tuple[datetime, ...]:
    """Return when logging in as that name from that address failed, oldest first."""
    query = (
        select(LoginFailureRow.at)
        .where(_is_from(folded_name, address), LoginFailureRow.at > since)
        .order_by(LoginFailureRow.at)
    )
    return tuple(session.scalars(query))


def find_login_failure_of_name(
    session: Session, *, folded_name: str, since: datetime, nth: int
) -> datetime | None:
    """Return when the nth-latest log-in as that name failed, from any address; None if fewer did.

    The latest is the first.
    """
    return _find_failure(session, LoginFailureRow.folded_name == folded_name, since, nth)


def find_login_failure_of_address(
    session: Session, *, address: str, since: datetime, nth: int
) -> datetime | None:
    """Return when the nth-latest log-in from that address failed, as anybody; None if fewer did."""
    return _find_failure(session, LoginFailureRow.address == address, since, nth)


def clear_login_failures(
    session: Session, *, folded_name: str, address: str, before: datetime
) -> None:
    """Forget the failures of that name and address, and everybody's from before a moment.

    Of the old ones those that another transaction clears just now are left to it.
    """
    old = select(LoginFailureRow.id).where(LoginFailureRow.at < before)
    is_old = LoginFailureRow.id.in_(old.with_for_update(skip_locked=True))
    for which in (_is_from(folded_name, address), is_old):
        session.execute(delete(LoginFailureRow).where(which), execution_options=_UNSEEN)


def clear_login_failures_of_user(session: Session, *, user_id: int) -> None:
    """Forget the failures to log in by a user's name, from any address."""
    own = select(UserRow.folded_name).where(UserRow.id == user_id).scalar_subquery()
    session.execute(
        delete(LoginFailureRow).where(LoginFailureRow.folded_name == own),
        execution_options=_UNSEEN,
    )


def _find_failure(
    session: Session, which: ColumnElement[bool], since: datetime, nth: int
) -> datetime | None:
    query = (
        select(LoginFailureRow.at)
        .where(which, LoginFailureRow.at > since)
        .order_by(LoginFailureRow.at.desc())
        .offset(nth - 1)
        .limit(1)
    )
    return session.scalars(query).first()


def _is_from(folded_name: str, address: str) -> ColumnElement[bool]:
    return (LoginFailureRow.folded_name == folded_name) & (LoginFailureRow.address == address)


def _is_account(folded_name: str) -> ColumnElement[bool]:
    return (UserRow.folded_name == folded_name) & UserRow.password_hash.is_not(None)


@contextmanager
def _taking_name(session: Session) -> Iterator[None]:
    """Store what is set within; the index says whether the name is free, whoever else takes it."""
    try:
        with session.begin_nested():
            yield
    except IntegrityError:
        raise ConflictError(
            "This name is taken. Please choose another one, or log in if it is yours."
        ) from None


def _get_row(session: Session, user_id: int) -> UserRow:
    row = session.get(UserRow, user_id)
    if row is None:
        raise NotFoundError("There is no such user.")
    return row


def _to_credentials(row: UserRow, password_hash: str) -> Credentials:
    return Credentials(
        user=_to_user(row), password_hash=password_hash, form_key_hash=row.form_key_hash
    )


def _to_user(row: UserRow | Row[Any]) -> User:
    return User(
        id=row.id,
        name=row.name,
        is_guest=row.password_hash is None,
        role=row.role,
        session_version=row.session_version,
    )
