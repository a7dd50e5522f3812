"""Which items an attempt has: one function per way of choosing, all seeded."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from types import MappingProxyType

from quizzer.domain.items import Item, Kind, Lesson
from quizzer.domain.mastery import TARGET_FACILITY, Belief, list_skills, predict
from quizzer.domain.modes import Feedback, Mode, Scoring, Selection
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
    mode: Mode,
    items: Sequence[Item],
    learner: Learner,
    *,
    seed: int,
) -> tuple[Item, ...]:
    """Return the items of a new attempt in the order to ask them (for DUE see `reviews`).

    Args:
        mode: whose way of choosing holds.
        items: those that serve the mode in the lesson; for LESSON_ORDER in the lesson's order.
        learner: who is asked.
        seed: the attempt's.
    """
    if mode.selection is Selection.STRATIFIED:
        return draw_strata(items, mode.strata, seed=seed)
    if mode.selection is Selection.SEEDED:
        return draw_some(items, size=mode.size, seed=seed)
    choose = _BY_LEARNER.get(mode.selection)
    if choose is not None:
        return choose(items, learner, size=mode.size, seed=seed)
    return tuple(items[: mode.size])


def can_ask(mode: Mode, item: Item) -> bool:
    """Return whether a mode can ask an item as it is now.

    One that waits for its variables has nothing to show yet. A card is judged by the learner, so it
    is asked only where the schedule alone follows from it.
    """
    if item.waits_for_draws:
        return False
    if item.kind is Kind.CODE:
        return takes_code(mode)
    return item.kind is not Kind.RECALL or mode.scoring is Scoring.SCHEDULE


def takes_code(mode: Mode) -> bool:
    """Return whether a mode can ask for code.

    The editor tells the verdict at once and takes as many submissions as it is sent: of no use
    where the result is told at the end or a clock runs. In reviews the exercise itself comes back.
    """
    is_secret = mode.feedback is Feedback.AT_END
    return not is_secret and mode.item_time_s is None and mode.scoring is not Scoring.SCHEDULE


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
    return (*mix_topics(taken), *mix_topics(filled))


def draw_easiest(
    items: Iterable[Item], learner: Learner, *, size: int | None, seed: int
) -> tuple[Item, ...]:
    """Return what is not mastered, the easiest first; then what is, the longest unseen first."""
    shuffled = list(items)
    make_random(seed, "difficulty").shuffle(shuffled)
    waiting = [item for item in shuffled if not _is_mastered(item, learner)]
    mastered = [item for item in shuffled if _is_mastered(item, learner)]
    waiting.sort(key=lambda item: item.difficulty)
    mastered.sort(key=lambda item: _last_seen(item, learner))
    return (*waiting, *mastered)[:size]


def draw_some(items: Iterable[Item], *, size: int | None, seed: int) -> tuple[Item, ...]:
    """Return so many items, drawn by the seed, in the order drawn."""
    shuffled = list(items)
    make_random(seed, "some").shuffle(shuffled)
    return tuple(shuffled[:size])


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


def mix_topics(items: Iterable[Item]) -> tuple[Item, ...]:
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


_BY_LEARNER: Mapping[Selection, Callable[..., tuple[Item, ...]]] = MappingProxyType(
    {
        Selection.UNMASTERED_FIRST: draw_unmastered,
        Selection.BY_DIFFICULTY: draw_easiest,
    }
)
