"""The decorator that marks a function of `checks.py` as a check.

The trusted side reads its arguments from the syntax tree and never runs it; in the jail it hands
the function back unchanged. What each argument means is therefore said here, once, and enforced
by `graders.exercise`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, overload

Scenario = Callable[[Any, Any], object]
"""`scenario(solution, draw) -> observation`: uses the submission, shows what it does."""


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

    All arguments must be literals, and names of checks for `after`: they are read, not run.
    """
    return scenario if scenario is not None else lambda function: function
