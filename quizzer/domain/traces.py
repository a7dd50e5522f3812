"""What a lesson's sliders show: runs made beforehand, one for every setting of the knobs."""

from __future__ import annotations

import math
from dataclasses import dataclass

Numbers = tuple[float | None, ...]
Setting = tuple[int, ...]
"""Which value each knob stands at, counted from 0, in the order of the knobs."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Knob:
    """One thing that can be turned; its values are numbers in order, or names."""

    name: str
    label: str
    values: tuple[float | str, ...]

    @property
    def is_range(self) -> bool:
        """Whether its values have an order, as on a slider."""
        return all(not isinstance(value, str) for value in self.values)

    @property
    def words(self) -> tuple[str, ...]:
        """Its values as they are read."""
        return tuple(value if isinstance(value, str) else f"{value:.10g}" for value in self.values)


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """What was seen of one run at each of the steps; None once it has diverged.

    Attributes:
        training, new: the loss on the training data and on new data, without any penalty.
        zeros: how many weights were exactly zero.
        small: how many were nearer to zero than 0.01.
        norm: the length of the vector of weights.
        weights: at the end.
    """

    training: Numbers
    new: Numbers
    zeros: Numbers
    small: Numbers
    norm: Numbers
    weights: Numbers

    @property
    def has_diverged(self) -> bool:
        """Whether it grew beyond all bounds."""
        return None in (self.training[-1], self.new[-1], self.norm[-1])


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """A setting worth looking at, and what to ask oneself there."""

    text: str
    at: Setting


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Traces:
    """All runs of a lesson; equal to itself alone, for comparing thousands of numbers takes long.

    Attributes:
        about: what was run, in sentences.
        loss: what the loss is, and its unit.
        inputs: what one weight belongs to: "input", "pixel".
        truth: the weights that the data were made with, or None.
        columns: how many weights stand side by side, or None where they have no such order.
        without: the knob whose first value switches off what the lesson is about.
        without_label: what a curve of such a run is called.
        high_loss, high_norm, high_weight: where the axes end, the same for all runs.
        steps: when was looked at a run.
        start: the setting to begin with.
        runs: one for each setting, the last knob turning fastest.
    """

    about: tuple[str, ...]
    loss: str
    inputs: str
    truth: Numbers | None
    columns: int | None
    without: str
    without_label: str
    high_loss: float
    high_norm: float
    high_weight: float
    steps: tuple[int, ...]
    looks: tuple[Look, ...]
    start: Setting
    knobs: tuple[Knob, ...]
    runs: tuple[Run, ...]

    def get_run(self, setting: Setting) -> Run:
        """Return the run of a setting, one index per knob within its values."""
        index = 0
        for at, knob in zip(setting, self.knobs, strict=True):
            index = index * len(knob.values) + at
        return self.runs[index]

    def find_without(self, setting: Setting) -> Run | None:
        """Return the same run without what the lesson is about; None if the setting is that one."""
        other = tuple(
            0 if knob.name == self.without else at
            for at, knob in zip(setting, self.knobs, strict=True)
        )
        return None if other == setting else self.get_run(other)


def find_fault(traces: Traces) -> str:
    """Return what about the traces does not fit together; empty if all does."""
    expected = math.prod(len(knob.values) for knob in traces.knobs)
    if len(traces.runs) != expected:
        return f"the knobs have {expected} settings, but there are {len(traces.runs)} runs"
    if not traces.steps or any(not knob.values for knob in traces.knobs):
        return "there must be a step, and a value for every knob"
    if traces.without not in {knob.name for knob in traces.knobs}:
        return f"there is no knob `{traces.without}`"
    for setting in (traces.start, *(look.at for look in traces.looks)):
        if not _is_setting(setting, traces.knobs):
            return f"{list(setting)} is no setting of the knobs"
    return _find_fault_of_runs(traces)


def _is_setting(setting: Setting, knobs: tuple[Knob, ...]) -> bool:
    pairs = list(zip(setting, knobs, strict=False))
    is_inside = all(0 <= at < len(knob.values) for at, knob in pairs)
    return len(setting) == len(knobs) and is_inside


def _find_fault_of_runs(traces: Traces) -> str:
    count = len(traces.runs[0].weights)
    if traces.columns is not None and (traces.columns < 1 or count % traces.columns):
        return f"{count} weights make no rows of {traces.columns}"
    if traces.truth is not None and len(traces.truth) != count:
        return f"there are {count} weights, but {len(traces.truth)} true ones"
    for index, run in enumerate(traces.runs):
        curves = (run.training, run.new, run.zeros, run.small, run.norm)
        if any(len(curve) != len(traces.steps) for curve in curves) or len(run.weights) != count:
            return f"run {index} has not a number for each of the steps and weights"
    return ""
