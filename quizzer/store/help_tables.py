"""The tables about help that learners take with exercises; see `tables` for what they hand in."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from quizzer.store.columns import ITEM_KEY_CHARACTERS
from quizzer.store.tables import Base


class GivingUpRow(Base):
    """When a learner had the solution of an exercise shown before they had solved it."""

    __tablename__ = "giving_up"
    __table_args__ = (UniqueConstraint("user_id", "exercise", "at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"))
    exercise: Mapped[str] = mapped_column(String(ITEM_KEY_CHARACTERS))
    at: Mapped[datetime]
    # What is handed in before this moment is graded and does not count.
    until: Mapped[datetime]


class OpenedHintRow(Base):
    """When a learner opened a hint of an exercise; those before it are open with it."""

    __tablename__ = "opened_hint"
    __table_args__ = (UniqueConstraint("user_id", "exercise", "hint_no", "at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"))
    exercise: Mapped[str] = mapped_column(String(ITEM_KEY_CHARACTERS))
    hint_no: Mapped[int]
    at: Mapped[datetime]
