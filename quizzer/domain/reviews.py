"""The queue of spaced review: which cards there are, which are due, and in what order."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import NamedTuple

from quizzer.domain.items import Item
from quizzer.domain.selection import mix_topics
from quizzer.domain.spacing import Memory

NEW_A_DAY = 10
"""Cards never seen before that a learner is given on one day."""

_DAY = timedelta(days=1)


class CardKind(StrEnum):
    """What a card is about."""

    ITEM = "item"
    EXERCISE = "exercise"


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewCard:
    """One thing that one learner has met, and what is believed of their memory of it.

    Attributes:
        key: of the item or exercise.
        met_at: when it was rated for the first time, in UTC.
    """

    kind: CardKind
    key: str
    met_at: datetime
    memory: Memory


class QueuedCard(NamedTuple):
    """What the queue needs of a card: pages read all of a learner's.

    Attributes:
        due, reviewed_at: as in its `Memory`.
        is_met_today: whether it was rated for the first time on the learner's present day.
        is_confident_error: whether its last answer was wrong though the learner was sure.
    """

    kind: str
    key: str
    due: datetime
    reviewed_at: datetime
    is_confident_error: bool
    is_met_today: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitingItem:
    """An item to ask.

    Attributes:
        due: since when it waits, in UTC; None for a card that was never seen.
        is_confident_error: whether its last answer was wrong though the learner was sure.
    """

    item: Item
    due: datetime | None = None
    is_confident_error: bool = False

    @property
    def is_new(self) -> bool:
        """Whether it was never seen."""
        return self.due is None


def is_due(due: datetime, reviewed_at: datetime, *, now: datetime, day_ends_at: datetime) -> bool:
    """Return whether to ask now what was rated and is due at these moments.

    What was put off by days is due from the morning of its day on, whatever the hour was.
    """
    return due <= now or (due - reviewed_at >= _DAY and due < day_ends_at)


def select_due(waiting: Iterable[WaitingItem], *, size: int | None = None) -> tuple[Item, ...]:
    """Return the items to ask next, in their order.

    What was wrong though the learner was sure comes first, then what waits longest, cards never
    seen last; among the chosen ones the topics are mixed.
    """
    chosen = sorted(waiting, key=_urgency)[:size]
    errors = (one.item for one in chosen if one.is_confident_error)
    others = (one.item for one in chosen if not one.is_confident_error)
    return (*mix_topics(errors), *mix_topics(others))


def _urgency(waiting: WaitingItem) -> tuple[int, float]:
    """The lower, the sooner; cards never seen keep the order in which they came."""
    if waiting.due is None:
        return 2, 0.0
    return int(not waiting.is_confident_error), waiting.due.timestamp()
