"""When to ask again."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from quizzer.domain.spacing import SOON, Memory, Rating, rate, review

NOW = datetime(2026, 3, 1, 9, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("score", "hint_count", "expected"),
    [
        (1.0, 0, Rating.GOOD),
        (1.0, 1, Rating.HARD),
        (0.5, 0, Rating.HARD),
        (0.5, 1, Rating.HARD),
        (0.4, 0, Rating.AGAIN),
        (0.0, 0, Rating.AGAIN),
    ],
)
def test_only_what_was_right_and_unaided_is_good(
    score: float, hint_count: int, expected: Rating
) -> None:
    assert rate(score, hint_count=hint_count) is expected


def test_what_was_known_comes_back_after_days_and_each_time_later() -> None:
    memory = review(None, Rating.GOOD, at=NOW)
    gaps = []
    for _ in range(4):
        gaps.append(memory.due - memory.reviewed_at)
        memory = review(memory, Rating.GOOD, at=memory.due)
    assert gaps[0] >= timedelta(days=1)
    assert gaps == sorted(gaps)
    assert gaps[-1] > 4 * gaps[0]


def test_what_was_missed_comes_back_soon_and_is_counted() -> None:
    known = review(None, Rating.GOOD, at=NOW)
    missed = review(known, Rating.AGAIN, at=known.due)
    assert missed.due == known.due + SOON
    assert missed.lapses == 1
    assert missed.stability < known.stability


def test_an_error_is_a_confident_one_only_if_the_learner_was_sure() -> None:
    def is_confident(rating: Rating, confidence: int | None) -> bool:
        return review(None, rating, at=NOW, confidence=confidence).is_confident_error

    assert is_confident(Rating.AGAIN, 95)
    assert not is_confident(Rating.AGAIN, 70)
    assert not is_confident(Rating.AGAIN, None)
    assert not is_confident(Rating.GOOD, 95)


def test_the_same_history_gives_the_same_dates() -> None:
    assert _review_often(6) == _review_often(6)


def _review_often(times: int) -> Memory:
    memory = review(None, Rating.GOOD, at=NOW)
    for _ in range(times):
        memory = review(memory, Rating.GOOD, at=memory.due)
    return memory
