"""What an observation must not be, so that nothing but the right solution makes it."""

from __future__ import annotations

from graders.judge.places import leaves
from graders.wire import Opaque


def find_opaque(observation: object) -> str | None:
    """Return the place of something that cannot be compared, or None where there is none."""
    for where, leaf in leaves("", observation):
        if isinstance(leaf, Opaque):
            return f"{where or 'the observation'} is of type {leaf.type_name}"
    return None


def is_guessable(observation: object) -> bool:
    """Whether an observation is a lone bool or None, which a coin could produce."""
    found = [leaf for _, leaf in leaves("", observation)]
    return len(found) <= 1 and all(leaf is None or isinstance(leaf, bool) for leaf in found)
