"""An author's own judge: what it is asked, and what its answer becomes.

It runs in the reference's worker on plain data. Its answer is shown to the learner, and what it
says may quote `got`, so it is cleaned like everything that a submission says.
"""

from __future__ import annotations

import numpy as np

from graders.judge.comparing import as_numbers, find_other_form
from graders.judge.forgeries import find_opaque
from graders.judge.places import leaves
from graders.judge.words import NOTE_CHARS, differ, name_of, short
from graders.model import Difference
from graders.text import printable
from graders.wire import TensorValue

# Both observations travel to the judge in one frame, which has room for about twice this.
_MOST_TENSOR_BYTES = 24 << 20
_MOST_OTHER_BYTES = 384 << 10
_VALUE_BYTES = 16  # of anything, however small
_MOST_CHARACTER_BYTES = 4


def frame_own(expected: object, got: object) -> Difference | None:
    """Refuse what an author's judge need not be asked about; None where it is to be asked.

    Both must be plain data of the same form: dicts of the same keys, tensors of the same shape
    and dtype, numbers for numbers. What is in a list or tuple is the judge's own to look at, and
    so is how long it is. Where the reference shows finite numbers only, so must `got`: a judge
    that asks `error > limit` would let NaN pass.
    """
    opaque = find_opaque(got)
    if opaque is not None:
        return differ("structure", "", "plain data", printable(opaque))
    if is_too_much(got):
        return differ("structure", "", name_of(expected), "more than can be judged")
    difference = _differ_in_form("", expected, got)
    if difference is not None or _find_nonfinite(expected) is not None:
        return difference
    where = _find_nonfinite(got)
    return None if where is None else differ("nonfinite", where, "a finite number", "another one")


def _differ_in_form(where: str, expected: object, got: object) -> Difference | None:
    if isinstance(expected, list | tuple) and type(expected) is type(got):
        return None
    if not isinstance(expected, dict) or not isinstance(got, dict):
        return find_other_form(where, expected, got)
    for key in (*expected, *got):
        place = f"{where}[{short(key)}]"
        if key not in got:
            return differ("structure", place, "present", "missing")
        if key not in expected:
            return differ("structure", place, "absent", "present")
        difference = _differ_in_form(place, expected[key], got[key])
        if difference is not None:
            return difference
    return None


def _find_nonfinite(observation: object) -> str | None:
    """Return the place of the first number that is not finite, or None where there is none."""
    for where, leaf in leaves("", observation):
        array = as_numbers(leaf)
        if array is not None and array.dtype.kind in "fc" and not np.isfinite(array).all():
            return where
    return None


def is_too_much(observation: object) -> bool:
    """Whether an observation is larger than what can be sent to a judge together with another."""
    tensor_bytes = other_bytes = 0
    pending = [observation]
    while pending:
        value = pending.pop()
        other_bytes += _VALUE_BYTES
        if isinstance(value, TensorValue):
            tensor_bytes += 0 if value.array is None else value.array.nbytes
        elif isinstance(value, dict):
            pending += [*value, *value.values()]
        elif isinstance(value, list | tuple):
            pending += value
        elif isinstance(value, str | bytes):
            other_bytes += _MOST_CHARACTER_BYTES * len(value)
        elif isinstance(value, int):
            other_bytes += value.bit_length() // 8
    return tensor_bytes > _MOST_TENSOR_BYTES or other_bytes > _MOST_OTHER_BYTES


def read_own_verdict(answer: object) -> Difference | None:
    """Turn the answer of an author's judge into a difference; None where it is satisfied.

    Raises:
        ValueError: if it is neither None nor a sentence; the message does not quote it.
    """
    if answer is None:
        return None
    sentence = (
        " ".join(printable(answer[:NOTE_CHARS], keep="\n\t").split())
        if isinstance(answer, str)
        else ""
    )
    if not sentence:
        kind = "an empty text" if isinstance(answer, str) else f"a {type(answer).__name__}"
        raise ValueError(f"must return None or a sentence, and returned {kind}")
    return differ("judged", "", "", "", note=sentence)


def say_unjudged(end: str) -> Difference:
    """Return the difference of what an author's judge failed on although it judges the reference.

    Args:
        end: how the judge ended, in words that quote nothing: it completes "the judge …".
    """
    note = f"what was returned could not be judged: the check's judge {end} on it"
    return differ("judged", "", "", "", note=note)
