"""The decorator that marks a function of `checks.py` as a check.

The trusted side reads its arguments from the syntax tree and never runs it, and a jail is sent
the functions without it; wherever else a `checks.py` is run, it hands the function back unchanged.
What each argument means is therefore said here, once, and enforced by `graders.exercise`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, overload

from graders.checks.judges import Judge

Scenario = Callable[[Any, Any], object]
"""`scenario(solution, draw) -> observation`: uses the submission, shows what it does."""

OwnJudge = Callable[[Any, Any], str | None]
"""`judge(expected, got)`: None where what was got will do, or a sentence that says why not."""


@overload
def check(scenario: Scenario) -> Scenario: ...
@overload
def check(
    *,
    points: float = 1,
    after: Scenario | tuple[Scenario, ...] = (),
    hidden: bool = False,
    tolerance: float | None = None,
    devices: tuple[str, ...] = (),
    structural: bool = False,
    limits: Mapping[str, float] | None = None,
    judge: Judge | OwnJudge | None = None,
) -> Callable[[Scenario], Scenario]: ...
def check(
    scenario: Scenario | None = None,
    **_settings: object,
) -> Scenario | Callable[[Scenario], Scenario]:
    """Mark a scenario as a check.

    The function's name is the check's id and its docstring the sentence that the learner reads.
    It takes `solution` (the submission, or the reference) and `draw` (a `Draw`), and returns the
    observation: tensors, numbers, strings, None, and lists, tuples and dicts of them.

    Args:
        scenario: the function, where the decorator is used without parentheses.
        points: what the check is worth, at least 0.
        after: checks above it that must have passed; otherwise this one is skipped, not failed.
        hidden: withhold its code, values and output from the learner.
        tolerance: relative and absolute tolerance of numbers, instead of the dtype's own.
        devices: devices on which it is run; empty for all that the exercise names.
        structural: declares that the observation is meant to be the same for every seed.
        limits: `{"wall_s": seconds}`: of this check, instead of the exercise's.
        judge: how the two observations are judged where they need not be equal: a call of one of
            `graders.judges`, or the name of a function of this file that takes (expected, got)
            and returns None or a sentence. That function runs with the reference, outside the
            submission's jail; its two arguments are plain data, tensors on the CPU, and `got` has
            the form of `expected` but for what is in lists and tuples (see docs/exercises.md).

    All arguments must be literals, but for the names of checks and judges: they are read, not run.
    """
    return scenario if scenario is not None else lambda function: function
