"""Queries about items as they read when somebody met them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from quizzer.domain.items import Kind
from quizzer.domain.revisions import ItemRevision
from quizzer.store.item_tables import ItemRevisionRow


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredRevision:
    """An item as it read at one revision, and when somebody met that first."""

    revision: ItemRevision
    first_seen_at: datetime


def list_revisions_of_bank(session: Session, *, bank: str) -> tuple[StoredRevision, ...]:
    """Return the revisions of a bank's items that anybody met, the newest first."""
    return _list(session, ItemRevisionRow.item_key.startswith(f"{bank}/", autoescape=True))


def list_revisions_of_item(session: Session, *, item_key: str) -> tuple[StoredRevision, ...]:
    """Return the revisions of an item that anybody met, the newest first."""
    return _list(session, ItemRevisionRow.item_key == item_key)


def _list(session: Session, is_wanted: ColumnElement[bool]) -> tuple[StoredRevision, ...]:
    query = (
        select(ItemRevisionRow)
        .where(is_wanted)
        .order_by(ItemRevisionRow.first_seen_at.desc(), ItemRevisionRow.id.desc())
    )
    return tuple(_to_stored(row) for row in session.scalars(query))


def _to_stored(row: ItemRevisionRow) -> StoredRevision:
    revision = ItemRevision(
        item_key=row.item_key,
        revision=row.revision,
        kind=Kind(row.kind),
        text=row.text,
        stem=row.stem,
        options=tuple((key, text, tick) for key, text, tick in row.options),
    )
    return StoredRevision(revision=revision, first_seen_at=row.first_seen_at)
