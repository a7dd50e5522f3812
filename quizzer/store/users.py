"""Queries about people and about failures to log in."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, delete, func, select, update
from sqlalchemy.orm import Session

from quizzer.domain.people import LEARNER, User
from quizzer.errors import NotFoundError
from quizzer.store.tables import LoginFailureRow, UserRow


@dataclass(frozen=True, slots=True, kw_only=True)
class Credentials:
    """What a log-in is checked against. Its text form shows no hash."""

    user: User
    password_hash: str

    def __repr__(self) -> str:
        return f"Credentials(user={self.user!r})"


def find_user(session: Session, *, user_id: int) -> User | None:
    """Return the user with that id, or None."""
    row = session.get(UserRow, user_id)
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
    row = session.scalars(select(UserRow).where(UserRow.id == user_id).with_for_update()).first()
    if row is None:
        raise NotFoundError("There is no such user.")
    return _to_user(row)


def find_credentials(session: Session, *, folded_name: str) -> Credentials | None:
    """Return the account of that name and its password's hash, or None."""
    row = session.scalars(select(UserRow).where(_is_account(folded_name))).first()
    if row is None or row.password_hash is None:
        return None
    return Credentials(user=_to_user(row), password_hash=row.password_hash)


def record_user(session: Session, *, name: str, folded_name: str, now: datetime) -> User:
    """Insert a guest."""
    row = UserRow(
        name=name,
        folded_name=folded_name,
        password_hash=None,
        role=LEARNER,
        session_version=1,
        created_at=now,
    )
    session.add(row)
    session.flush()
    return _to_user(row)


def set_name(session: Session, *, user_id: int, name: str, folded_name: str) -> User:
    """Change what somebody is called."""
    row = _get_row(session, user_id)
    row.name, row.folded_name = name, folded_name
    return _to_user(row)


def set_password_hash(session: Session, *, user_id: int, password_hash: str) -> User:
    """Give a guest a password, or an account another one."""
    row = _get_row(session, user_id)
    row.password_hash = password_hash
    return _to_user(row)


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


def count_login_failures_of_name(session: Session, *, folded_name: str, since: datetime) -> int:
    """Return how often logging in as that name failed, from any address."""
    query = select(func.count()).where(
        LoginFailureRow.folded_name == folded_name, LoginFailureRow.at > since
    )
    return session.scalar(query.select_from(LoginFailureRow)) or 0


def clear_login_failures(
    session: Session, *, folded_name: str, address: str, before: datetime
) -> None:
    """Forget the failures of that name and address, and everybody's from before a moment."""
    is_old = LoginFailureRow.at < before
    session.execute(delete(LoginFailureRow).where(_is_from(folded_name, address) | is_old))


def _is_from(folded_name: str, address: str) -> ColumnElement[bool]:
    return (LoginFailureRow.folded_name == folded_name) & (LoginFailureRow.address == address)


def _is_account(folded_name: str) -> ColumnElement[bool]:
    return (UserRow.folded_name == folded_name) & UserRow.password_hash.is_not(None)


def _get_row(session: Session, user_id: int) -> UserRow:
    row = session.get(UserRow, user_id)
    if row is None:
        raise NotFoundError("There is no such user.")
    return row


def _to_user(row: UserRow) -> User:
    return User(
        id=row.id,
        name=row.name,
        is_guest=row.password_hash is None,
        role=row.role,
        session_version=row.session_version,
    )
