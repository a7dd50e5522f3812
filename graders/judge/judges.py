"""The judges of the library: for each what it asks of the reference and how it judges.

Each takes raw observations and works them out here, outside the jail: predictions are counted
here, never in the submission's process. What must be met comes from `expected` alone.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from graders.errors import GraderError
from graders.exercise.judge_specs import JudgeSpec
from graders.judge.comparing import (
    Tolerance,
    as_numbers,
    compare,
    differ_at,
    pair_alike,
)
from graders.judge.groupings import judge_order, judge_partition, require_groups, require_items
from graders.judge.learning import judge_accuracy, judge_error, require_classes, require_targets
from graders.judge.own import is_too_much
from graders.judge.places import Pair, explain, leaves
from graders.judge.words import Array, differ, say_index, say_number
from graders.model import Difference

Arguments = Mapping[str, float]


class UnjudgeableError(GraderError):
    """The reference's observation is none that the check's judge can judge: the author's fault."""


@dataclass(frozen=True, slots=True)
class _Judge:
    """What one judge of the library does.

    Attributes:
        misfit: says why the reference's observation cannot be judged, or nothing.
        judge: `(expected, got, arguments, tolerance)`; `expected` has no misfit.
    """

    misfit: Callable[[object], str]
    judge: Callable[[object, object, Arguments, Tolerance | None], Difference | None]


def judge(
    spec: JudgeSpec,
    expected: object,
    got: object,
    tolerance: float | None = None,
    *,
    device: str = "cpu",
) -> Difference | None:
    """Judge two observations by a judge of the library; None where `got` passes.

    Args:
        spec: the judge and its arguments; not an author's own.
        expected: the reference's observation.
        got: the submission's: any plain data.
        tolerance: of the check, for a judge that compares; else None.
        device: where both were made.

    Raises:
        UnjudgeableError: if `expected` is none that this judge can judge.
    """
    misfit = find_misfit(spec, expected)
    if misfit:
        raise UnjudgeableError(misfit)
    if spec.name == "close":
        wide = Tolerance(spec.arguments["relative"], spec.arguments["absolute"])
        return compare(expected, got, wide, device=device)
    chosen = None if tolerance is None else Tolerance(tolerance, tolerance)
    return _LIBRARY[spec.name].judge(expected, got, spec.arguments, chosen)


def find_misfit(spec: JudgeSpec, expected: object) -> str:
    """Say why a reference's observation is none that this judge can judge; empty where it is one.

    Of an author's own judge nothing is known beforehand but how much it can be sent.
    """
    if spec.is_own:
        return "its own judge cannot be sent so much" if is_too_much(expected) else ""
    if spec.name == "close":
        return ""
    reason = _LIBRARY[spec.name].misfit(expected)
    return f"judges.{spec.name} {reason}" if reason else ""


def _judge_at_most(
    expected: object, got: object, arguments: Arguments, _tolerance: Tolerance | None
) -> Difference | None:
    return _judge_bound(expected, got, arguments["factor"], "at most")


def _judge_at_least(
    expected: object, got: object, arguments: Arguments, _tolerance: Tolerance | None
) -> Difference | None:
    return _judge_bound(expected, got, arguments["factor"], "at least")


def _judge_bound(expected: object, got: object, factor: float, bound: str) -> Difference | None:
    """Judge every number against the reference's; anything else must be equal."""
    pairs: list[Pair] = []
    difference = pair_alike(expected, got, pairs)
    if difference is not None:
        return difference
    for pair in pairs:
        difference = _judge_pair(pair, factor, bound)
        if difference is not None:
            return explain(difference, pair.meaning)
    return None


def _judge_pair(pair: Pair, factor: float, bound: str) -> Difference | None:
    expected, got = as_numbers(pair.expected), as_numbers(pair.got)
    if expected is None or got is None or expected.dtype.kind == "b":
        return compare(pair.expected, pair.got)
    expected, got = expected.astype(np.float64), got.astype(np.float64)
    bad = ~np.isfinite(got)
    if bad.any():
        return differ_at("nonfinite", pair, expected, got, bad)
    # For a positive reference this is the factor times it; a negative one moves the same way.
    limit = expected + (factor - 1) * np.abs(expected)
    far = got > limit if bound == "at most" else got < limit
    return _differ_from_bound(pair, bound, limit, got, far)


def _differ_from_bound(
    pair: Pair, bound: str, limit: Array, got: Array, far: Array
) -> Difference | None:
    if not far.any():
        return None
    index = tuple(map(int, np.unravel_index(int(far.argmax()), far.shape)))
    told = f"{bound} {say_number(limit[index])}", say_number(got[index])
    note = f"{int(far.sum())} of {far.size} elements miss it" if far.size > 1 else ""
    return differ("judged", pair.where + say_index(index), *told, note=note)


def _require_numbers(expected: object) -> str:
    found = [as_numbers(leaf) for _, leaf in leaves("", expected)]
    numbers = [array for array in found if array is not None]
    if not numbers:
        return "needs a number or a tensor; the reference shows none"
    if any(array.dtype.kind == "c" or not np.isfinite(array).all() for array in numbers):
        return "needs finite real numbers; the reference shows others"
    return ""


_LIBRARY: Mapping[str, _Judge] = {
    "at_most": _Judge(_require_numbers, _judge_at_most),
    "at_least": _Judge(_require_numbers, _judge_at_least),
    "accuracy_at_least": _Judge(require_classes, judge_accuracy),
    "error_at_most": _Judge(require_targets, judge_error),
    "in_any_order": _Judge(require_items, judge_order),
    "same_partition": _Judge(require_groups, judge_partition),
}
