"""Everything that belongs to one user, found by following the foreign keys that lead to them.

A table that is made later is found as well: nothing here names one, but for the user's own.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import (
    Column,
    ColumnElement,
    FromClause,
    Table,
    UniqueConstraint,
    and_,
    delete,
    exists,
    func,
    or_,
    select,
    true,
    update,
)
from sqlalchemy.orm import Session

from quizzer.store.item_tables import ItemRevisionRow
from quizzer.store.tables import (
    AttemptRow,
    Base,
    LoginFailureRow,
    ResponseRow,
    SubmissionRow,
    UserRow,
)

OWNER = UserRow.__tablename__


def list_owned_tables() -> tuple[Table, ...]:
    """Return the users' table and those that refer to it, be it through others; parents first."""
    owned: dict[str, Table] = {}
    for table in Base.metadata.sorted_tables:
        if table.name == OWNER or _list_links(table, owned):
            owned[table.name] = table
    return tuple(owned.values())


def list_belongings(session: Session, *, user_id: int) -> dict[str, list[dict[str, Any]]]:
    """Return every row that belongs to a user, whole, by table and in the order of their ids."""
    owned = {table.name: table for table in list_owned_tables()}
    return {
        name: [dict(row._mapping) for row in session.execute(_select_owned(table, owned, user_id))]  # noqa: SLF001 - SQLAlchemy's public name for it
        for name, table in owned.items()
    }


def list_failure_moments(session: Session, *, user_id: int) -> tuple[datetime, ...]:
    """Return when logging in under the name of an account failed, oldest first."""
    own = select(UserRow.folded_name).where(
        UserRow.id == user_id, UserRow.password_hash.is_not(None)
    )
    query = select(LoginFailureRow.at).where(LoginFailureRow.folded_name == own.scalar_subquery())
    return tuple(session.scalars(query.order_by(LoginFailureRow.at)))


def index_kinds(session: Session) -> dict[tuple[str, str], str]:
    """Return the kind of every revision of an item that anybody ever met."""
    query = select(ItemRevisionRow.item_key, ItemRevisionRow.revision, ItemRevisionRow.kind)
    return {(key, revision): kind for key, revision, kind in session.execute(query)}


def count_deeds(session: Session, *, user_id: int) -> tuple[int, int]:
    """Return how many responses and how many submissions a user has sent."""
    responses = (
        select(func.count())
        .select_from(ResponseRow)
        .join(AttemptRow, AttemptRow.id == ResponseRow.attempt_id)
        .where(AttemptRow.user_id == user_id)
    )
    submissions = select(func.count()).where(SubmissionRow.user_id == user_id)
    return session.scalar(responses) or 0, session.scalar(submissions) or 0


def move_belongings(
    session: Session, *, from_id: int, to_id: int, newest: Mapping[str, str]
) -> None:
    """Give what belongs to one user to another one.

    Of two rows that may not both be there, the receiver's stays; in a table of `newest` the one
    whose column of that name is later. What is left is the giver's still.

    Args:
        session: of the open transaction.
        from_id: the user who gives.
        to_id: the user who receives.
        newest: by table, the column that says how new a row is.
    """
    for table in list_owned_tables():
        for owner in _list_owner_columns(table):
            for others in _list_rivals(table, owner):
                _drop_rivals(session, table, owner, others, (from_id, to_id), newest)
            session.execute(update(table).where(owner == from_id).values({owner: to_id}))
    session.expire_all()


def _list_links(table: Table, owned: Mapping[str, Table]) -> list[tuple[Column[Any], Column[Any]]]:
    """Return the columns by which a table refers to those, each with what it refers to."""
    return [
        (key.parent, key.column)
        for key in sorted(table.foreign_keys, key=lambda key: key.parent.name)
        if key.column.table.name in owned and key.column.table is not table
    ]


def _select_owned(table: Table, owned: Mapping[str, Table], user_id: int) -> Any:  # noqa: ANN401 - a select of whatever columns
    return select(table).where(_is_owned(table, owned, user_id)).order_by(table.c.id)


def _is_owned(table: Table, owned: Mapping[str, Table], user_id: int) -> ColumnElement[bool]:
    if table.name == OWNER:
        return table.c.id == user_id
    return or_(
        *(
            own.in_(select(theirs).where(_is_owned(owned[theirs.table.name], owned, user_id)))
            for own, theirs in _list_links(table, owned)
        )
    )


def _list_owner_columns(table: Table) -> list[Column[Any]]:
    """Return the columns by which a table refers to a user without a detour."""
    return [key.parent for key in table.foreign_keys if key.column.table.name == OWNER]


def _list_rivals(table: Table, owner: Column[Any]) -> list[list[str]]:
    """Return, per rule of uniqueness that names the owner, the other columns that it names."""
    rules = (rule for rule in table.constraints if isinstance(rule, UniqueConstraint))
    return [
        [column.name for column in rule.columns if column is not owner]
        for rule in rules
        if owner.name in rule.columns
    ]


def _drop_rivals(
    session: Session,
    table: Table,
    owner: Column[Any],
    others: list[str],
    users: tuple[int, int],
    newest: Mapping[str, str],
) -> None:
    """Delete of each pair of rows that may not both be the receiver's the one that is not kept."""
    from_id, to_id = users
    rival = table.alias()
    is_rival = and_(true(), *(rival.c[name] == table.c[name] for name in others))
    if table.name in newest:
        age = newest[table.name]
        is_newer = rival.c[age] > table.c[age]
        session.execute(
            delete(table).where(owner == to_id, _has(rival, owner, from_id, is_rival, is_newer))
        )
    session.execute(delete(table).where(owner == from_id, _has(rival, owner, to_id, is_rival)))


def _has(
    rival: FromClause, owner: Column[Any], user_id: int, *conditions: ColumnElement[bool]
) -> ColumnElement[bool]:
    return exists(select(rival.c.id).where(rival.c[owner.name] == user_id, *conditions))
