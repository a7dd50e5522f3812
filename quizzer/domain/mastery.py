"""What is believed about a learner's skill: Elo with a step that decays as certainty grows.

A skill is a normal belief over a logistic ability: `rating` is its mean in logits, `variance` its
width. A first try of score s at an item of facility p = 1 / (1 + exp(-(rating - threshold)))
moves the mean by variance * (s - p), and narrows the variance by the information p (1 - p) that
it carried: the step of the Elo rule is the uncertainty itself. Because people learn, each
response first widens the belief a little, so the step never decays to nothing.

What is not used fades: with the days since its last try a belief goes back towards what is believed
of anybody, exponentially (an Ornstein-Uhlenbeck process). Its width grows, so that the next answers
move it more, and a rating above the middle sinks towards it; nobody gets better by waiting, so one
below stays.

Source: the Laplace step of a Bayesian logistic model, as in M. Glickman, "Parameter estimation in
large dynamic paired comparison experiments", 1999, with item thresholds fixed by their authors.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from quizzer.domain.items import Item

START_VARIANCE = 2.25
DRIFT_VARIANCE = 0.005  # per response: a hundred of them may hide a change of 0.7 logits
LOGITS_PER_DIFFICULTY = 0.8
MIDDLE_DIFFICULTY = 3
FADE_DAYS = 180.0  # after so many without a try, a rating keeps 1/e of its height
TARGET_FACILITY = 0.775  # the middle of 0.7 to 0.85, where practice teaches most
_Z95 = 1.959964
_DAY_S = 86_400


@dataclass(frozen=True, slots=True, kw_only=True)
class Belief:
    """What is believed about one skill of one learner after `n` first tries.

    Attributes:
        moved_at: when it was believed so, which is at the last of them; None before the first.
    """

    skill: str
    rating: float = 0.0
    variance: float = START_VARIANCE
    n: int = 0
    moved_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SkillEstimate:
    """A belief as it is shown.

    Attributes:
        rating: in logits; 0 is an even chance at an item of middle difficulty.
        uncertainty: standard deviation of it, in logits.
        n: first tries that it rests on.
        expected: expected share right at items of middle difficulty.
        low, high: 95 % interval of that share.
        moved_at: when the last of those tries was, or None.
    """

    skill: str
    rating: float
    uncertainty: float
    n: int
    expected: float
    low: float
    high: float
    moved_at: datetime | None = None


def list_skills(item: Item) -> tuple[str, ...]:
    """Return the skills that an item shows: its tags, else its bank."""
    return item.tags or (item.bank,)


def predict(item: Item, beliefs: Mapping[str, Belief]) -> float:
    """Return the chance that a first try at the item is right, in (0, 1)."""
    skills = list_skills(item)
    ratings = [beliefs.get(skill, Belief(skill=skill)).rating for skill in skills]
    return _logistic(sum(ratings) / len(ratings) - _threshold(item.difficulty))


def fade(belief: Belief, now: datetime) -> Belief:
    """Return the belief as it is by now, nothing having been tried since it was moved."""
    if belief.moved_at is None or now <= belief.moved_at:
        return belief
    days = (now - belief.moved_at).total_seconds() / _DAY_S
    kept = math.exp(-days / FADE_DAYS)
    return replace(
        belief,
        rating=min(belief.rating, belief.rating * kept),
        variance=START_VARIANCE + (belief.variance - START_VARIANCE) * kept * kept,
        moved_at=now,
    )


def learn_from(
    belief: Belief, *, score: float, difficulty: int, at: datetime | None = None
) -> Belief:
    """Return the belief after one first try of that score in [0, 1], and of that moment."""
    belief = fade(belief, at) if at else belief
    prior = belief.variance + DRIFT_VARIANCE
    expected = _logistic(belief.rating - _threshold(difficulty))
    variance = 1.0 / (1.0 / prior + expected * (1.0 - expected))
    return Belief(
        skill=belief.skill,
        rating=belief.rating + variance * (score - expected),
        variance=variance,
        n=belief.n + 1,
        moved_at=at or belief.moved_at,
    )


def learn_from_item(
    beliefs: Mapping[str, Belief], item: Item, *, score: float, at: datetime | None = None
) -> tuple[Belief, ...]:
    """Return the item's skills after a first try; each as if it alone had decided."""
    return tuple(
        learn_from(
            beliefs.get(skill, Belief(skill=skill)),
            score=score,
            difficulty=item.difficulty,
            at=at,
        )
        for skill in list_skills(item)
    )


def estimate(belief: Belief, now: datetime | None = None) -> SkillEstimate:
    """Return the belief as it is shown; with a moment, as it has become by then."""
    moved_at = belief.moved_at
    belief = fade(belief, now) if now else belief
    spread = math.sqrt(belief.variance)
    return SkillEstimate(
        skill=belief.skill,
        rating=belief.rating,
        uncertainty=spread,
        n=belief.n,
        expected=_logistic(belief.rating),
        low=_logistic(belief.rating - _Z95 * spread),
        high=_logistic(belief.rating + _Z95 * spread),
        moved_at=moved_at,
    )


def join_beliefs(one: Belief, other: Belief) -> Belief:
    """Return what both say of one skill together, each having seen tries that the other has not.

    Both began from the same first belief, which counts once.
    """
    moments = [moment for moment in (one.moved_at, other.moved_at) if moment is not None]
    latest = max(moments, default=None)
    if latest is not None:
        one, other = fade(one, latest), fade(other, latest)
    parts = (1.0 / one.variance, 1.0 / other.variance)
    precision = max(*parts, sum(parts) - 1.0 / START_VARIANCE)
    weighted = parts[0] * one.rating + parts[1] * other.rating
    return Belief(
        skill=one.skill,
        rating=weighted / precision,
        variance=1.0 / precision,
        n=one.n + other.n,
        moved_at=latest,
    )


def index_beliefs(beliefs: Iterable[Belief]) -> dict[str, Belief]:
    """Return the beliefs by their skills."""
    return {belief.skill: belief for belief in beliefs}


def _threshold(difficulty: int) -> float:
    return (difficulty - MIDDLE_DIFFICULTY) * LOGITS_PER_DIFFICULTY


def _logistic(logit: float) -> float:
    return 1.0 / (1.0 + math.exp(-logit))
