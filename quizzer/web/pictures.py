"""One run as pictures, each with its numbers beside it, and as one sentence."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from markupsafe import Markup

from quizzer.domain.traces import Numbers, Run, Setting, Traces
from quizzer.web.curves import Curve, Words, draw_curves, draw_squares, draw_stems

_DIVERGED = "diverged"
_MOST_KEPT = 256  # runs, of about 20 kB each
_MINUS = "\N{MINUS SIGN}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """The numbers of one picture; a row's first cell names it."""

    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """One picture with its numbers; `note` says how to read it."""

    name: str
    title: str
    drawn: Markup
    table: Table
    note: str = ""


@lru_cache(maxsize=_MOST_KEPT)
def draw_run(traces: Traces, setting: Setting) -> tuple[Picture, ...]:
    """Return the pictures of the run of a setting, the losses first.

    They are the same for everybody, and kept: a file that has changed makes other traces.
    """
    run = traces.get_run(setting)
    without = traces.find_without(setting)
    return (
        _draw_losses(traces, run, without),
        _draw_weights(traces, run),
        _draw_zeros(traces, run),
        _draw_norm(traces, run, without),
    )


def sum_up(traces: Traces, setting: Setting) -> str:
    """Return what became of a run, in a sentence that can be spoken."""
    run, count = traces.get_run(setting), len(traces.get_run(setting).weights)
    if run.has_diverged:
        steps = traces.steps[-1]
        return f"This run diverged: its weights grew beyond all bounds within {steps} steps."
    return (
        f"After {traces.steps[-1]} steps: loss {write(run.training[-1])} on training data, "
        f"{write(run.new[-1])} on new data; "
        f"{write(run.zeros[-1])} of {count} weights exactly 0, "
        f"{write(run.small[-1])} nearer to 0 than 0.01."
    )


def write(value: float | None) -> str:
    """Return a number of a run with three digits, without powers of ten where it goes."""
    if value is None:
        return _DIVERGED
    return f"{value:.3g}".replace("-", _MINUS)


def _shorten(value: float | None) -> str:
    """Two decimals, so that a row of weights fits a page; a 0 without any is exactly 0."""
    return f"{value:.2f}".replace("-", _MINUS) if value else write(value)


def _draw_losses(traces: Traces, run: Run, without: Run | None) -> Picture:
    columns = [("training data", run.training), ("new data", run.new)]
    curves = [
        Curve(label="training", values=run.training, look="other"),
        Curve(label="new data", values=run.new, look="main"),
    ]
    if without is not None:
        curves.insert(0, Curve(label=traces.without_label, values=without.new, look="faint"))
        columns.append((traces.without_label, without.new))
    told = (
        f"On training data the loss goes from {write(run.training[0])} to "
        f"{write(run.training[-1])}, on new data from {write(run.new[0])} to {write(run.new[-1])}."
    )
    title = "Loss on training data and on new data"
    words = Words(name="loss", title=title, told=told)
    return Picture(
        name="loss",
        title=title,
        drawn=draw_curves(
            curves, steps=traces.steps, high=traces.high_loss, unit=traces.loss, words=words
        ),
        table=_tabulate(traces, columns),
    )


def _draw_weights(traces: Traces, run: Run) -> Picture:
    title = f"Weights after {traces.steps[-1]} steps"
    told = f"The weights are {', '.join(map(write, run.weights))}."
    words = Words(name="weights", title=title, told=told)
    if traces.columns is not None:
        drawn = draw_squares(
            run.weights, columns=traces.columns, high=traces.high_weight, words=words
        )
        note = (
            f"One square for each {traces.inputs}, as large as its weight; full ones are positive,"
            " frames are negative."
        )
        return Picture(
            name="weights",
            title=title,
            drawn=drawn,
            table=_tabulate_rows(run.weights, traces.columns),
            note=note,
        )
    note = f"One bar for each {traces.inputs}"
    note += ", a ring for exactly 0; a stroke is the true weight." if traces.truth else "."
    return Picture(
        name="weights",
        title=title,
        drawn=draw_stems(run.weights, traces.truth, high=traces.high_weight, words=words),
        table=_tabulate_weights(traces, run),
        note=note,
    )


def _draw_zeros(traces: Traces, run: Run) -> Picture:
    title = "How many weights are zero, or nearly"
    told = (
        f"At the end {write(run.zeros[-1])} of {len(run.weights)} weights are exactly 0, and "
        f"{write(run.small[-1])} are nearer to 0 than 0.01."
    )
    curves = [
        Curve(label="below 0.01", values=run.small[1:], look="other"),
        Curve(label="exactly 0", values=run.zeros[1:], look="main"),
    ]  # without the start: there all of them are, and the curves would be a spike
    return Picture(
        name="zeros",
        title=title,
        drawn=draw_curves(
            curves,
            steps=traces.steps[1:],
            high=len(run.weights),
            unit=f"weights, of {len(run.weights)}",
            words=Words(name="zeros", title=title, told=told),
        ),
        table=_tabulate(traces, [("exactly 0", run.zeros), ("below 0.01", run.small)]),
    )


def _draw_norm(traces: Traces, run: Run, without: Run | None) -> Picture:
    title = "Length of the vector of weights"
    told = f"It goes from {write(run.norm[0])} to {write(run.norm[-1])}."
    curves = [Curve(label="length", values=run.norm, look="main")]
    columns = [("length", run.norm)]
    if without is not None:
        label = traces.without_label.removeprefix("new, ")
        curves.insert(0, Curve(label=label, values=without.norm, look="faint"))
        columns.append((label, without.norm))
    return Picture(
        name="norm",
        title=title,
        drawn=draw_curves(
            curves,
            steps=traces.steps,
            high=traces.high_norm,
            unit="square root of the sum of squares",
            words=Words(name="norm", title=title, told=told),
        ),
        table=_tabulate(traces, columns),
    )


def _tabulate(traces: Traces, columns: list[tuple[str, Numbers]]) -> Table:
    """One row per step."""
    rows = tuple(
        (str(step), *(write(values[at]) for _, values in columns))
        for at, step in enumerate(traces.steps)
    )
    return Table(head=("step", *(name for name, _ in columns)), rows=rows)


def _tabulate_weights(traces: Traces, run: Run) -> Table:
    """One row per weight."""
    truth = traces.truth
    rows = tuple(
        (str(at), write(weight), *((write(truth[at - 1]),) if truth else ()))
        for at, weight in enumerate(run.weights, start=1)
    )
    return Table(head=(traces.inputs, "weight", *(("true weight",) if truth else ())), rows=rows)


def _tabulate_rows(weights: Numbers, columns: int) -> Table:
    """The weights where they stand in the picture."""
    rows = tuple(
        (f"row {at // columns + 1}", *map(_shorten, weights[at : at + columns]))
        for at in range(0, len(weights), columns)
    )
    return Table(head=("", *map(str, range(1, columns + 1))), rows=rows)
