"""What a closed attempt shows: a score with its interval, and a word per skill."""

from __future__ import annotations

import math
from collections.abc import Iterable

from quizzer.domain.attempts import SkillResult

STRONG_SCORE = 0.8
WEAK_SCORE = 0.5
FEWEST_ITEMS = 3
TOO_FEW = "too few to say"
WEAK = "weak"
_Z95 = 1.959964


def make_interval(score: float, n: int) -> tuple[float, float]:
    """Return the 95 % Wilson interval of a mean score over `n` items; (0, 1) without items.

    Source: E. B. Wilson, "Probable inference, the law of succession, and statistical inference",
    1927. It stays in [0, 1] and is honest for few items.
    """
    if n == 0:
        return 0.0, 1.0
    z2 = _Z95 * _Z95
    middle = (score + z2 / (2 * n)) / (1 + z2 / n)
    reach = _Z95 * math.sqrt(score * (1 - score) / n + z2 / (4 * n * n)) / (1 + z2 / n)
    return max(0.0, middle - reach), min(1.0, middle + reach)


def name_strength(score: float, low: float, high: float, *, items: int) -> str:
    """Return strong, developing or weak; of one or two items, that they are too few to say.

    Strong and weak are claims: the interval must leave the opposite third.
    """
    if items < FEWEST_ITEMS:
        return TOO_FEW
    if score >= STRONG_SCORE and low > 1 / 3:
        return "strong"
    if score < WEAK_SCORE and high < 2 / 3:
        return WEAK
    return "developing"


def list_skill_results(scored: Iterable[tuple[tuple[str, ...], float]]) -> tuple[SkillResult, ...]:
    """Return one result per skill, in order of name, from (skills, score) of every item."""
    by_skill: dict[str, list[float]] = {}
    for skills, score in scored:
        for skill in skills:
            by_skill.setdefault(skill, []).append(score)
    return tuple(_make_result(skill, scores) for skill, scores in sorted(by_skill.items()))


def _make_result(skill: str, scores: list[float]) -> SkillResult:
    mean = sum(scores) / len(scores)
    low, high = make_interval(mean, len(scores))
    return SkillResult(
        skill=skill,
        items=len(scores),
        score=mean,
        low=low,
        high=high,
        label=name_strength(mean, low, high, items=len(scores)),
    )
