"""Spaced review: one queue over all lessons, what is due in it, and rounds of it.

What moves a card is in `remembering`; this module reads cards, and begins rounds.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import islice, pairwise

from sqlalchemy.orm import Session

from quizzer.domain.attempts import ShownAttempt
from quizzer.domain.calibration import Calibration, Forecast, calibrate
from quizzer.domain.items import Item
from quizzer.domain.modes import Mode, find_mode
from quizzer.domain.reviews import (
    NEW_A_DAY,
    CardKind,
    QueuedCard,
    WaitingItem,
    is_due,
    select_due,
)
from quizzer.domain.selection import can_ask
from quizzer.errors import NotFoundError
from quizzer.services import sitting as sittings
from quizzer.services.days import find_day, find_end, find_start
from quizzer.services.sitting import Library, Sitting
from quizzer.services.withholding import leave_out
from quizzer.store import attempts, review_cards, users

MODE = "review"
ALL_LESSONS = ""
"""What an attempt over all lessons has for its lesson."""

DAYS_AHEAD = 7


@dataclass(frozen=True, slots=True, kw_only=True)
class Queue:
    """What a learner may review now, and what comes later.

    Attributes:
        items: due now, those never seen among them.
        exercises: keys of the exercises that are due now, the longest due first.
        later_today: how many more come in the course of the day.
        next_at: when the next one comes, in UTC; None where nothing waits.
        ahead: (day, how many) for the days after today, up to `DAYS_AHEAD`, those without left out.
        total: how many cards there are in all.
    """

    items: tuple[WaitingItem, ...]
    exercises: tuple[str, ...]
    later_today: int
    next_at: datetime | None
    ahead: tuple[tuple[date, int], ...]
    total: int

    @property
    def due(self) -> int:
        """How many there are to review now."""
        return len(self.items) + len(self.exercises)

    @property
    def new(self) -> int:
        """How many of them were never seen."""
        return sum(1 for one in self.items if one.is_new)

    @property
    def confident_errors(self) -> int:
        """How many of them were wrong the last time though the learner was sure."""
        return sum(1 for one in self.items if one.is_confident_error)


def get_queue(
    session: Session,
    library: Library,
    exercises: Collection[str],
    *,
    user_id: int,
    now: datetime,
) -> Queue:
    """Return all that a learner has to review; `exercises` are the keys of those in service."""
    begins_at, ends_at = find_start(find_day(now)), find_end(now)
    cards = review_cards.list_queued(session, user_id=user_id, today_begins_at=begins_at)
    offered = [card for card in cards if _is_offered(card, library.items, exercises)]
    due, later = _split(offered, now=now, ends_at=ends_at)
    new = _list_new(session, library, cards, user_id=user_id)
    return Queue(
        items=(*_list_waiting(due, library.items), *new),
        exercises=tuple(card.key for card in due if card.kind == CardKind.EXERCISE),
        later_today=sum(1 for card in later if card.due < ends_at),
        next_at=later[0].due if later else None,
        ahead=_count_ahead([card.due for card in later], ends_at),
        total=len(offered) + len(new),
    )


def start_round(
    session: Session, library: Library, *, user_id: int, seed: int, now: datetime
) -> ShownAttempt | None:
    """Begin a round of what is due, or go on with the open one; None where nothing is due.

    An open round of an earlier day is closed, and keeps its answers: what is due is another by now.
    """
    users.lock_user(session, user_id=user_id)  # a double click finds what the first one made
    found = sittings.find_sitting(
        session, library, user_id=user_id, mode=MODE, lesson=ALL_LESSONS, now=now
    )
    if found is not None and found.is_open:
        if _can_go_on(found, now):
            return sittings.show(found, library, now)
        sittings.close(session, found, at=now)
    items = _choose_items(session, library, user_id=user_id, now=now)
    return _record_round(session, library, items, user_id, seed, now) if items else None


def find_open_round(
    session: Session, library: Library, *, user_id: int, now: datetime
) -> Sitting | None:
    """Return the round that `start_round` would go on with, or None; nothing is written."""
    found = attempts.find_latest_attempt(session, user_id=user_id, mode=MODE, lesson=ALL_LESSONS)
    if found is None or found.closed_at is not None:
        return None
    sitting = sittings.read_sitting(session, library, found)
    return sitting if _can_go_on(sitting, now) else None


def list_next_times(
    session: Session, *, user_id: int, keys: Collection[str]
) -> Mapping[str, datetime]:
    """Return when each of these items will be due, in UTC, by key; those with a card alone."""
    return review_cards.list_due_times(session, user_id=user_id, item_keys=keys)


def get_calibration(session: Session, *, user_id: int) -> Calibration | None:
    """Return how well a learner's confidence fits what was right, or None before any was stated."""
    counted = review_cards.count_forecasts(session, user_id=user_id)
    return calibrate(
        Forecast(confidence=confidence, is_right=is_right, n=n)
        for confidence, (count, right) in counted.items()
        for is_right, n in ((True, right), (False, count - right))
    )


def _get_mode() -> Mode:
    mode = find_mode(MODE)
    if mode is None:
        raise NotFoundError("There is no review any more.")
    return mode


def _is_offered(card: QueuedCard, items: Mapping[str, Item], exercises: Collection[str]) -> bool:
    """Return whether what a card is about can be asked: withdrawn things cannot."""
    if card.kind == CardKind.EXERCISE:
        return card.key in exercises
    item = items.get(card.key)
    return item is not None and can_ask(_get_mode(), item)


def _split(
    cards: Iterable[QueuedCard], *, now: datetime, ends_at: datetime
) -> tuple[list[QueuedCard], list[QueuedCard]]:
    """Return the cards that are due and those that come later, in their order."""
    due: list[QueuedCard] = []
    later: list[QueuedCard] = []
    for card in cards:
        is_now = is_due(card.due, card.reviewed_at, now=now, day_ends_at=ends_at)
        (due if is_now else later).append(card)
    return due, later


def _list_waiting(cards: Iterable[QueuedCard], items: Mapping[str, Item]) -> Iterator[WaitingItem]:
    for card in cards:
        if card.kind == CardKind.ITEM:
            yield WaitingItem(
                item=items[card.key], due=card.due, is_confident_error=card.is_confident_error
            )


def _list_new(
    session: Session, library: Library, cards: Iterable[QueuedCard], *, user_id: int
) -> tuple[WaitingItem, ...]:
    """Return the cards of the lessons begun that were never seen, as many as today may have.

    `cards` are all that the learner has.
    """
    begun = review_cards.list_begun_lessons(session, user_id=user_id)
    mode = _get_mode()
    items = {
        item.key: item
        for lesson in library.lessons
        if lesson in begun
        for item in library.list_items(lesson, MODE)
        if can_ask(mode, item)
    }
    met = {card.key: card for card in cards if card.kind == CardKind.ITEM and card.key in items}
    left = NEW_A_DAY - sum(1 for card in met.values() if card.is_met_today)
    unseen = (item for key, item in items.items() if key not in met)
    return tuple(WaitingItem(item=item) for item in islice(unseen, max(0, left)))


def _count_ahead(later: Sequence[datetime], ends_at: datetime) -> tuple[tuple[date, int], ...]:
    """Count what comes on each of the days after this one; `later` is in order of time."""
    tomorrow = find_day(ends_at)
    days = [tomorrow + timedelta(days=number) for number in range(DAYS_AHEAD + 1)]
    before = [bisect_left(later, find_start(day)) for day in days]
    counted = zip(days, (end - start for start, end in pairwise(before)), strict=False)
    return tuple((day, count) for day, count in counted if count)


def _can_go_on(sitting: Sitting, now: datetime) -> bool:
    is_of_today = find_day(sitting.attempt.started_at) == find_day(now)
    return is_of_today and any(not question.is_settled for question in sitting.questions)


def _choose_items(
    session: Session, library: Library, *, user_id: int, now: datetime
) -> tuple[Item, ...]:
    queue = get_queue(session, library, (), user_id=user_id, now=now)
    due = [one.item for one in queue.items]
    left = {item.key for item in leave_out(session, due, user_id=user_id, now=now)}
    waiting = (one for one in queue.items if one.item.key in left)
    return select_due(waiting, size=_get_mode().size)


def _record_round(
    session: Session,
    library: Library,
    items: tuple[Item, ...],
    user_id: int,
    seed: int,
    now: datetime,
) -> ShownAttempt:
    attempt = attempts.record_attempt(
        session,
        user_id=user_id,
        mode=_get_mode(),
        lesson=ALL_LESSONS,
        seed=seed,
        now=now,
        ends_at=None,
    )
    sittings.record_drawn(session, attempt, items, first_position=1, now=now)
    sitting = sittings.load_sitting(
        session, library, attempt_id=attempt.id, user_id=user_id, now=now
    )
    return sittings.show(sitting, library, now)
