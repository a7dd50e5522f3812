"""What is believed about a learner's skill: Elo with a step that decays as certainty grows.

A skill is a normal belief over a logistic ability: `rating` is its mean in logits, `variance` its
width. A first try of score s at an item of facility p = 1 / (1 + exp(-(rating - threshold)))
moves the mean by variance * (s - p), and narrows the variance by the information p (1 - p) that
it carried: the step of the Elo rule is the uncertainty itself. Because people learn, each
response first widens the belief a little, so the step never decays to nothing.

Source: the Laplace step of a Bayesian logistic model, as in M. Glickman, "Parameter estimation in
large dynamic paired comparison experiments", 1999, with item thresholds fixed by their authors.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from quizzer.domain.items import Item

START_VARIANCE = 2.25
DRIFT_VARIANCE = 0.005  # per response: a hundred of them may hide a change of 0.7 logits
LOGITS_PER_DIFFICULTY = 0.8
MIDDLE_DIFFICULTY = 3
TARGET_FACILITY = 0.775  # the middle of 0.7 to 0.85, where practice teaches most
_Z95 = 1.959964


@dataclass(frozen=True, slots=True, kw_only=True)
class Belief:
    """What is believed about one skill of one learner after `n` first tries."""

    skill: str
    rating: float = 0.0
    variance: float = START_VARIANCE
    n: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class SkillEstimate:
    """A belief as it is shown.

    Attributes:
        rating: in logits; 0 is an even chance at an item of middle difficulty.
        uncertainty: standard deviation of it, in logits.
        n: first tries that it rests on.
        expected: expected share right at items of middle difficulty.
        low, high: 95 % interval of that share.
    """

    skill: str
    rating: float
    uncertainty: float
    n: int
    expected: float
    low: float
    high: float


def list_skills(item: Item) -> tuple[str, ...]:
    """Return the skills that an item shows: its tags, else its bank."""
    return item.tags or (item.bank,)


def predict(item: Item, beliefs: Mapping[str, Belief]) -> float:
    """Return the chance that a first try at the item is right, in (0, 1)."""
    skills = list_skills(item)
    ratings = [beliefs.get(skill, Belief(skill=skill)).rating for skill in skills]
    return _logistic(sum(ratings) / len(ratings) - _threshold(item.difficulty))


def learn_from(belief: Belief, *, score: float, difficulty: int) -> Belief:
    """Return the belief after one first try of that score in [0, 1]."""
    prior = belief.variance + DRIFT_VARIANCE
    expected = _logistic(belief.rating - _threshold(difficulty))
    variance = 1.0 / (1.0 / prior + expected * (1.0 - expected))
    return Belief(
        skill=belief.skill,
        rating=belief.rating + variance * (score - expected),
        variance=variance,
        n=belief.n + 1,
    )


def learn_from_item(
    beliefs: Mapping[str, Belief], item: Item, *, score: float
) -> tuple[Belief, ...]:
    """Return the item's skills after a first try; each as if it alone had decided."""
    return tuple(
        learn_from(beliefs.get(skill, Belief(skill=skill)), score=score, difficulty=item.difficulty)
        for skill in list_skills(item)
    )


def estimate(belief: Belief) -> SkillEstimate:
    """Return the belief as it is shown."""
    spread = math.sqrt(belief.variance)
    return SkillEstimate(
        skill=belief.skill,
        rating=belief.rating,
        uncertainty=spread,
        n=belief.n,
        expected=_logistic(belief.rating),
        low=_logistic(belief.rating - _Z95 * spread),
        high=_logistic(belief.rating + _Z95 * spread),
    )


def join_beliefs(one: Belief, other: Belief) -> Belief:
    """Return what both say of one skill together, each having seen tries that the other has not.

    Both began from the same first belief, which counts once.
    """
    parts = (1.0 / one.variance, 1.0 / other.variance)
    precision = max(*parts, sum(parts) - 1.0 / START_VARIANCE)
    weighted = parts[0] * one.rating + parts[1] * other.rating
    return Belief(
        skill=one.skill,
        rating=weighted / precision,
        variance=1.0 / precision,
        n=one.n + other.n,
    )


def index_beliefs(beliefs: Iterable[Belief]) -> dict[str, Belief]:
    """Return the beliefs by their skills."""
    return {belief.skill: belief for belief in beliefs}


def _threshold(difficulty: int) -> float:
    return (difficulty - MIDDLE_DIFFICULTY) * LOGITS_PER_DIFFICULTY


def _logistic(logit: float) -> float:
    return 1.0 / (1.0 + math.exp(-logit))
