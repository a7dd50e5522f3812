"""What the first tries of many learners say about an item.

Sources: facility and the point-biserial discrimination of classical test theory, as in F. M. Lord
and M. R. Novick, "Statistical Theories of Mental Test Scores", 1968; the item itself is left out of
the score that it is compared with, else it would be compared with itself.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import mean, median

from quizzer.domain.results import make_interval

FEWEST_ANSWERS = 5
"""Of fewer nothing is told: it would say more about single learners than about the item."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FirstTry:
    """One learner's first try at an item.

    Attributes:
        is_right: fully, and without a hint.
        rest: mean score of the other first tries of its attempt, in [0, 1]; None without any.
        elapsed_ms: how long it took.
        wrong: names of what was picked or typed and is wrong.
    """

    is_right: bool
    rest: float | None
    elapsed_ms: int
    wrong: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemStatistics:
    """What first tries say about one revision of an item.

    Attributes:
        n: learners.
        facility: share of them who got it right; `low` and `high` are its 95 % interval.
        discrimination: correlation of being right with the rest of the attempt, in [-1, 1]; None
            where it cannot be told.
        discrimination_n: tries that it rests on.
        wrong: what was wrong most often, or empty.
        wrong_count: how often.
        median_ms: of the time that a first try took.
    """

    n: int
    facility: float
    low: float
    high: float
    discrimination: float | None
    discrimination_n: int
    wrong: str
    wrong_count: int
    median_ms: int


def measure(tries: Sequence[FirstTry]) -> ItemStatistics | None:
    """Return what first tries say, one of each learner; None if they are too few."""
    n = len(tries)
    if n < FEWEST_ANSWERS:
        return None
    facility = sum(one.is_right for one in tries) / n
    low, high = make_interval(facility, n)
    compared = [(one.is_right, one.rest) for one in tries if one.rest is not None]
    wrong, wrong_count = _find_most_frequent(name for one in tries for name in one.wrong)
    return ItemStatistics(
        n=n,
        facility=facility,
        low=low,
        high=high,
        discrimination=correlate(compared),
        discrimination_n=len(compared),
        wrong=wrong,
        wrong_count=wrong_count,
        median_ms=round(median(one.elapsed_ms for one in tries)),
    )


def correlate(pairs: Sequence[tuple[bool, float]]) -> float | None:
    """Return the point-biserial correlation of being right and a score.

    None for fewer than `FEWEST_ANSWERS` pairs, and where one of the two never varies.
    """
    if len(pairs) < FEWEST_ANSWERS:
        return None
    rights = [float(is_right) for is_right, _ in pairs]
    scores = [score for _, score in pairs]
    of_rights, of_scores = _measure_spread(rights), _measure_spread(scores)
    if not of_rights or not of_scores:
        return None
    middle, centre = mean(rights), mean(scores)
    together = mean(
        (right - middle) * (score - centre) for right, score in zip(rights, scores, strict=True)
    )
    return max(-1.0, min(1.0, together / (of_rights * of_scores)))


def _measure_spread(values: Sequence[float]) -> float:
    """Return the standard deviation; exactly 0 where all are the same, whatever rounding does."""
    if max(values) == min(values):
        return 0.0
    centre = mean(values)
    return math.sqrt(mean((value - centre) ** 2 for value in values))


def _find_most_frequent(names: Iterable[str]) -> tuple[str, int]:
    """Return the most frequent name and how often it is there; of equals the first by name."""
    counted = Counter(names)
    return min(counted.items(), key=lambda pair: (-pair[1], pair[0]), default=("", 0))
