"""Whether what the reference shows over several seeds could be shown without solving anything."""

from __future__ import annotations

from collections.abc import Sequence

from graders.exercise import CheckSpec
from graders.judge.comparing import compare
from graders.judge.forgeries import is_guessable
from graders.judge.judges import judge

_MOST_ALIKE = 3  # who always shows the same may pass under one in so many seeds


def say_guessable(spec: CheckSpec, values: Sequence[object]) -> str:
    """Return why a check's observations could be guessed, and the remedy; empty if they could not.

    Args:
        spec: the check.
        values: what the reference showed in it, one per seed, at least two.
    """
    if spec.structural:
        return ""
    if is_guessable(values[0]):
        message = "the observation is a lone bool or None, which could be guessed"
        return f"{message}; return what it was worked out from"
    if all(compare(values[0], value, spec.tolerance) is None for value in values):
        return "the observation is the same for every seed; declare it structural if it must be"
    alike = _count_most_alike(spec, values)
    if alike < len(values) and alike <= max(2, len(values) // _MOST_ALIKE):
        return ""
    remedy = "draw more of what it depends on, or declare it structural"
    if spec.judge is not None:
        remedy = (
            "judge what it is made of (predictions, weights), draw more, or declare it structural"
        )
    message = f"one observation passes under {alike} of {len(values)} seeds, so it could be guessed"
    return f"{message}; {remedy}"


def _count_most_alike(spec: CheckSpec, values: Sequence[object]) -> int:
    """Return under how many seeds one and the same observation passes, at the most."""
    most = 0
    covered: set[int] = set()
    for index, got in enumerate(values):
        if index not in covered:
            alike = {at for at, expected in enumerate(values) if _passes(spec, expected, got)}
            covered |= alike
            most = max(most, len(alike))
    return most


def _passes(spec: CheckSpec, expected: object, got: object) -> bool:
    if spec.judge is None or spec.judge.is_own:  # an author's judge is not run here: be strict
        return compare(expected, got, spec.tolerance) is None
    return judge(spec.judge, expected, got, spec.tolerance) is None
