"""The tables about items, whoever met them; see `tables` for those about people."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from quizzer.store.columns import ITEM_KEY_CHARACTERS
from quizzer.store.tables import Base


class ItemRevisionRow(Base):
    """An item as it read when somebody first met this revision of it."""

    __tablename__ = "item_revision"
    __table_args__ = (UniqueConstraint("item_key", "revision"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    item_key: Mapped[str] = mapped_column(String(ITEM_KEY_CHARACTERS))
    revision: Mapped[str] = mapped_column(String(64))
    kind: Mapped[str] = mapped_column(String(16))
    text: Mapped[str]
    # The question alone, and key, text and tick of what could be picked or put in order: whether
    # two revisions ask the same is told by these.
    stem: Mapped[str]
    options: Mapped[list[list[Any]]]
    first_seen_at: Mapped[datetime]


class RescoringRow(Base):
    """Who had the responses to an item scored anew, by which key, and how many that changed."""

    __tablename__ = "rescoring"
    __table_args__ = (Index(None, "item_key"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime]
    # As in the audit: a number alone, so that it may outlive the account.
    actor: Mapped[str] = mapped_column(String(32))
    item_key: Mapped[str] = mapped_column(String(ITEM_KEY_CHARACTERS))
    key_revision: Mapped[str] = mapped_column(String(64))
    # Attempts whose score for the item is another one now, and those that stayed as they were.
    changed: Mapped[int]
    same: Mapped[int]
