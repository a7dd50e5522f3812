"""When to ask again: FSRS, with ratings that come from what was answered.

Of each learner and each item or exercise there is one memory. A response rates it, and the rating
moves its stability (days until the chance of recall has fallen to 90 %) and its next date.

Source: the FSRS-6 scheduler of the package `fsrs`, with its published weights. Its random spread of
dates is off, so that the same history gives the same dates.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from enum import IntEnum

from fsrs import Card, Scheduler, State
from fsrs import Rating as FsrsRating

SOON = timedelta(minutes=10)
RETENTION = 0.9
SURE_PERCENT = 90
_SCHEDULER = Scheduler(
    desired_retention=RETENTION,
    learning_steps=(SOON,),
    relearning_steps=(SOON,),
    maximum_interval=365,
    enable_fuzzing=False,
)


class Rating(IntEnum):
    """How well something was remembered."""

    AGAIN = 1
    HARD = 2
    GOOD = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Memory:
    """What is believed of one thing that one learner has met.

    Attributes:
        due: when to ask again, in UTC.
        reviewed_at: when it was rated last, in UTC.
        stability: days until the chance of recall has fallen to 90 %.
        difficulty: 1 (easy) to 10, as FSRS has it.
        state, step: where in the FSRS schedule it stands.
        lapses: how often it was forgotten.
        is_confident_error: whether its last answer was wrong though the learner was sure.
    """

    due: datetime
    reviewed_at: datetime
    stability: float
    difficulty: float
    state: int
    step: int | None
    lapses: int = 0
    is_confident_error: bool = False


def rate(score: float, *, hint_count: int) -> Rating:
    """Return the rating of a first try.

    Only what was right unaided is good; what was right after a hint, or half right, was hard.

    Args:
        score: the response's, in [0, 1].
        hint_count: hints that were open.
    """
    if score >= 1.0:
        return Rating.HARD if hint_count else Rating.GOOD
    return Rating.HARD if score >= 0.5 else Rating.AGAIN  # noqa: PLR2004 - half


def is_confident_error(rating: Rating, confidence: int | None) -> bool:
    """Return whether it was not known though the learner, with so many percent, was sure."""
    return rating is Rating.AGAIN and confidence is not None and confidence >= SURE_PERCENT


def review(
    memory: Memory | None,
    rating: Rating,
    *,
    at: datetime,
    confidence: int | None = None,
    is_its_day: bool = False,
) -> Memory:
    """Return the memory after a rating.

    Args:
        memory: as it was; None for something met for the first time.
        rating: how well it was remembered this time.
        at: the time, in UTC.
        confidence: how sure the learner was, in percent, or None.
        is_its_day: whether `at` is on the day on which it is due, or later. FSRS counts in spans of
            24 hours: what is asked some hours early on its day has waited for as long as it should.
    """
    before = _wait_longer(memory, at) if memory and is_its_day else memory
    card, _ = _SCHEDULER.review_card(_make_card(before, at), FsrsRating(rating), at.astimezone(UTC))
    failed = rating is Rating.AGAIN
    return Memory(
        due=card.due,
        reviewed_at=at,
        stability=card.stability or 0.0,
        difficulty=card.difficulty or 0.0,
        state=card.state.value,
        step=card.step,
        lapses=(memory.lapses if memory else 0) + failed,
        is_confident_error=is_confident_error(rating, confidence),
    )


def _wait_longer(memory: Memory, at: datetime) -> Memory:
    """Return the memory as if what is missing until it is due had passed already."""
    missing = max(timedelta(), memory.due - at)
    return replace(memory, reviewed_at=memory.reviewed_at - missing)


def _make_card(memory: Memory | None, at: datetime) -> Card:
    if memory is None:
        return Card(card_id=1, due=at.astimezone(UTC))
    return Card(
        card_id=1,
        state=State(memory.state),
        step=memory.step,
        stability=memory.stability,
        difficulty=memory.difficulty,
        due=memory.due.astimezone(UTC),
        last_review=memory.reviewed_at.astimezone(UTC),
    )
