"""From what the jail sent back to what is wrong with an item, or what its proof has found."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from quizzer.domain.items import Item
from quizzer.domain.proofs import Found
from quizzer.domain.variants import draw_item
from quizzer.services.proving.asking import list_trials
from quizzer.services.proving.compare import compare_item
from quizzer.services.proving.draws import (
    DRAW_COUNT,
    check_drawn,
    describe_draw,
    list_variables,
    read_draw,
)
from quizzer.services.proving.findings import Finding, Judged
from quizzer.services.proving.observed import Observation, Observed, UnreadableError

PROVEN_TWICE = 2  # drawings whose whole proof runs twice; the others differ in their states anyway
MOST_ORDERS = 101  # found besides the author's: then any order will do

WHOLE, IF_RANDOM, AS_FAR_AS_DRAW = "whole", "if random", "draw"
"""How far a run goes; the second only where a run before it touched a random state."""

Runs = tuple[tuple[int | None, int, str], ...]

FIXED_RUNS: Runs = ((None, 0, WHOLE), (None, 1, WHOLE), (None, 2, IF_RANDOM))
"""Two runs tell what no seed fixes (a clock, a generator of its own); three, luck from truth."""


def plan_runs(item: Item) -> Runs:
    """Return (seed of the variables or None, random state, extent) of every run of a proof.

    Each drawing is made twice and must be the same; no two proofs run under the same random state.
    """
    if item.variants is None:
        return FIXED_RUNS
    return tuple(run for draw in range(DRAW_COUNT) for run in _plan_draw(draw))


def _plan_draw(draw: int) -> Runs:
    again = WHOLE if draw < PROVEN_TWICE else AS_FAR_AS_DRAW
    return ((draw, 2 * draw, WHOLE), (draw, 2 * draw + 1, again))


def judge_item(item: Item, runs: Runs, observation: Observation) -> Judged:
    """Compare what was observed with what the author says.

    Raises:
        UnreadableError: if it is not what was asked for.
    """
    if len(observation.runs) != len(runs):
        raise UnreadableError("the proof sent something unreadable (another number of runs)")
    draws: list[Mapping[str, str]] = []
    for group in _group(runs, observation):
        findings, values = _judge_draw(item, group)
        if findings:
            return Judged(findings=tuple(_say_draw(one, values) for one in findings))
        draws.append(values)
    found = Found(
        orders=_read_orders(item, observation), draws=tuple(draws) if item.variants else ()
    )
    if len(found.orders) >= MOST_ORDERS:
        message = f"over {MOST_ORDERS - 1} other orders pass: the order does not matter"
        return Judged(findings=(Finding(code="P307", message=message),))
    return Judged(found=found)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Draw:
    """What was observed of one drawing: in the runs that drew, and in those that proved as well."""

    drawn: list[Observed] = field(default_factory=list)
    proven: list[Observed] = field(default_factory=list)


def _group(runs: Runs, observation: Observation) -> Iterator[_Draw]:
    """Yield what was observed of each drawing."""
    groups: dict[int | None, _Draw] = {}
    for (draw, _, extent), one in zip(runs, observation.runs, strict=True):
        if one is not None:
            group = groups.setdefault(draw, _Draw())
            group.drawn.append(one)
            if extent != AS_FAR_AS_DRAW:
                group.proven.append(one)
    yield from groups.values()


def _judge_draw(item: Item, group: _Draw) -> tuple[list[Finding], Mapping[str, str]]:
    """Return what is wrong with one drawing, and its values."""
    values, fault = _read_values(item, group)
    stopped = next((one.error for one in group.drawn if one.error), None)
    if fault:
        return [fault], values
    if stopped is not None:
        message = f"the proof raised {stopped.message}"
        return [Finding(code="P301", message=message, raised=stopped)], values
    drawn = draw_item(item, values)
    unusable = list(check_drawn(drawn)) if item.variants else []
    return unusable or _compare(drawn, group.proven), values


def _read_values(item: Item, group: _Draw) -> tuple[Mapping[str, str], Finding | None]:
    """Return the values of the variables, where the code that draws them came to its end."""
    if item.variants is None or any(one.error and not one.values for one in group.drawn):
        return {}, None
    return read_draw(item, list_variables(item), group.drawn)


def _compare(item: Item, observed: Sequence[Observed]) -> list[Finding]:
    trials = list_trials(item)
    asked = [one for one in observed if "ok" in one.names]
    if not observed or any(len(one.passes) != len(trials) for one in asked):
        raise UnreadableError("the proof sent something unreadable (something is missing)")
    return list(compare_item(item, trials, observed))


def _say_draw(finding: Finding, values: Mapping[str, str]) -> Finding:
    """Add the values under which something is wrong."""
    if not values:
        return finding
    return replace(finding, message=f"{finding.message} (with {describe_draw(values)})")


def _read_orders(item: Item, observation: Observation) -> tuple[tuple[str, ...], ...]:
    """Return the orders that were found, as keys."""
    keys = [option.key for option in item.options if option.correct]
    if any(sorted(order) != list(range(len(keys))) for order in observation.orders):
        raise UnreadableError("the proof sent something unreadable (an order of other lines)")
    found = (tuple(keys[index] for index in order) for order in observation.orders)
    return tuple(order for order in found if order not in item.orders)
