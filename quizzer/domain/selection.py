"""Which items an attempt has: one function per way of choosing, all seeded."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from quizzer.domain.items import Item, Kind, Lesson
from quizzer.domain.mastery import TARGET_FACILITY, Belief, list_skills, predict
from quizzer.domain.modes import Mode, Scoring, Selection
from quizzer.domain.shuffling import make_random

_LONG_AGO = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemHistory:
    """How a learner's latest first try at an item went.

    Attributes:
        earned: share of the points, hints deducted, in [0, 1].
    """

    item_key: str
    earned: float
    at: datetime

    @property
    def is_mastered(self) -> bool:
        """Right at once and without a hint."""
        return self.earned >= 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Learner:
    """What choosing knows of a learner."""

    history: Mapping[str, ItemHistory]
    beliefs: Mapping[str, Belief]


def select_items(
    mode: Mode, items: Sequence[Item], learner: Learner, *, seed: int
) -> tuple[Item, ...]:
    """Return the items of a new attempt in the order to ask them.

    `items` are those that serve the mode in the lesson; for LESSON_ORDER in the lesson's order.
    """
    if mode.selection is Selection.STRATIFIED:
        return draw_strata(items, mode.strata, seed=seed)
    if mode.selection is Selection.UNMASTERED_FIRST:
        return draw_unmastered(items, learner, size=mode.size, seed=seed)
    return tuple(items)


def can_ask(mode: Mode, item: Item) -> bool:
    """Return whether a mode can ask an item as it is now.

    One that waits for its variables has nothing to show yet. A card is judged by the learner, so it
    is asked only in rounds that count for nothing.
    """
    if item.waits_for_draws:
        return False
    takes_cards = mode.is_round and mode.scoring is Scoring.RECORDED
    return takes_cards or item.kind is not Kind.RECALL


def list_lesson_keys(lesson: Lesson) -> tuple[str, ...]:
    """Return the keys of a lesson's predictions and myths, in its order, each once."""
    predictions = ((part.predict,) if part.predict else () for part in lesson.parts)
    pairs = zip(predictions, lesson.parts, strict=True)
    return tuple(dict.fromkeys(key for first, part in pairs for key in (*first, *part.items)))


def draw_unmastered(
    items: Iterable[Item], learner: Learner, *, size: int | None, seed: int
) -> tuple[Item, ...]:
    """Return what is not mastered first, topics mixed.

    Of those items the ones are taken whose predicted success is nearest to where practice teaches
    most; places left over go to what is mastered, the longest unseen first.
    """
    shuffled = list(items)
    make_random(seed, "practice").shuffle(shuffled)
    waiting = [item for item in shuffled if not _is_mastered(item, learner)]
    mastered = [item for item in shuffled if _is_mastered(item, learner)]
    waiting.sort(key=lambda item: abs(predict(item, learner.beliefs) - TARGET_FACILITY))
    mastered.sort(key=lambda item: _last_seen(item, learner))
    taken = waiting[:size]
    filled = mastered[: None if size is None else size - len(taken)]
    return (*_mix_topics(taken), *_mix_topics(filled))


def draw_strata(
    items: Sequence[Item], strata: Sequence[tuple[int, int, int]], *, seed: int
) -> tuple[Item, ...]:
    """Return so many items of each span of difficulty, the easy ones first.

    A stratum that is short takes its missing items from those left over, the nearest in difficulty
    first; if there are fewer items than places, all of them are asked.
    """
    left = list(items)
    make_random(seed, "strata").shuffle(left)
    drawn = [_take(left, low, high, count) for low, high, count in strata]
    for chosen, (low, high, count) in zip(drawn, strata, strict=True):
        left.sort(key=lambda item: _distance(item, low, high))
        missing = count - len(chosen)
        chosen.extend(left[:missing])
        del left[:missing]
    picked = [item for chosen in drawn for item in chosen]
    return tuple(sorted(picked, key=lambda item: item.difficulty))


def _take(left: list[Item], low: int, high: int, count: int) -> list[Item]:
    """Move up to `count` items of that difficulty out of `left`."""
    taken = [item for item in left if low <= item.difficulty <= high][:count]
    for item in taken:
        left.remove(item)
    return taken


def _distance(item: Item, low: int, high: int) -> int:
    return max(low - item.difficulty, item.difficulty - high, 0)


def _mix_topics(items: Iterable[Item]) -> tuple[Item, ...]:
    """Deal the items round, one of each topic at a time, each topic in the given order."""
    topics: dict[str, deque[Item]] = {}
    for item in items:
        topics.setdefault(list_skills(item)[0], deque()).append(item)
    dealt: list[Item] = []
    while topics:
        dealt += [queue.popleft() for queue in topics.values()]
        topics = {topic: queue for topic, queue in topics.items() if queue}
    return tuple(dealt)


def _is_mastered(item: Item, learner: Learner) -> bool:
    seen = learner.history.get(item.key)
    return seen is not None and seen.is_mastered


def _last_seen(item: Item, learner: Learner) -> datetime:
    seen = learner.history.get(item.key)
    return seen.at if seen else _LONG_AGO
