"""What happened when an item's proof was run, as text."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from quizzer.services.proving import Explanation
from quizzer.services.proving.explaining import ExplainedOption, ExplainedRun, ExplainedTrial

_MOST_TRIALS = 30  # of those that came out as they should
_MOST_ORDERS = 10
_WIDTH = 72


def render_explanation(explanation: Explanation) -> str:
    """Return what each option, filling or order did, run by run, and what follows from it."""
    return "\n".join(map(_clean, _list_lines(explanation)))


def _clean(line: str) -> str:
    """Leave nothing that steers a terminal: part of it comes from the code that was run."""
    return "".join(one if one.isprintable() else "\N{REPLACEMENT CHARACTER}" for one in line)


def _list_lines(explanation: Explanation) -> Iterator[str]:
    yield f"{explanation.key}: {_judge(explanation)}"
    for seeds, run in _group(explanation.runs):
        yield ""
        yield from _render_run(seeds, run)
    if explanation.submissions:
        yield ""
        yield from _render_trials(explanation.submissions)
    if explanation.order_count:
        orders = explanation.found.orders
        yield ""
        yield f"other orders tried: {explanation.order_count}, of which pass: {len(orders)}"
        yield from (f"  {' '.join(order)}  counts as right" for order in orders[:_MOST_ORDERS])
    if explanation.problems:
        yield ""
        yield from map(str, explanation.problems)


def _judge(explanation: Explanation) -> str:
    if not explanation.is_proved:
        return "there is nothing to run: it has no proof"
    verdict = "its proof fails" if explanation.problems else "proven"
    return f"{verdict}, in {explanation.wall_ms:.0f} ms"


def _group(runs: Sequence[ExplainedRun]) -> list[tuple[list[int], ExplainedRun]]:
    """Put runs together that came out alike, whatever time they took."""
    groups: list[tuple[list[int], ExplainedRun]] = []
    for run in runs:
        known = next((seeds for seeds, one in groups if _are_alike(one, run)), None)
        if known is None:
            groups.append(([run.seed], run))
        else:
            known.append(run.seed)
    return groups


def _are_alike(one: ExplainedRun, other: ExplainedRun) -> bool:
    return _without_times(one) == _without_times(other)


def _without_times(run: ExplainedRun) -> ExplainedRun:
    trials = tuple(replace(trial, wall_ms=None) for trial in run.trials)
    return replace(run, seed=0, wall_ms=0.0, trials=trials)


def _render_run(seeds: Sequence[int], run: ExplainedRun) -> Iterator[str]:
    values = ", ".join(f"{name} = {value}" for name, value in run.values.items())
    named = f"{'seed' if len(seeds) == 1 else 'seeds'} {', '.join(map(str, seeds))}"
    yield f"{named} ({run.wall_ms:.1f} ms){': ' + values if values else ''}"
    if run.error:
        yield f"  raised   {run.error}"
    if run.printed is not None:
        yield f"  printed  {_cut(run.printed)}"
    if run.answer is not None:
        yield f"  answer   {_cut(run.answer)}"
    yield from map(_render_option, run.options)
    yield from _render_trials(run.trials)


def _render_option(option: ExplainedOption) -> str:
    verdict = {None: "says nothing", True: "right", False: "wrong"}[option.is_right]
    box = "[x]" if option.is_ticked else "[ ]"
    is_odd = option.is_right is not None and option.is_right is not option.is_ticked
    return f"{_mark(is_odd=is_odd)} {box} {option.key}  {verdict:<12}  {_cut(option.shown)}"


def _render_trials(trials: Sequence[ExplainedTrial]) -> Iterator[str]:
    odd = [trial for trial in trials if trial.passes is not trial.is_claimed]
    even = [trial for trial in trials if trial.passes is trial.is_claimed]
    yield from map(_render_trial, (*odd, *even[:_MOST_TRIALS]))
    if len(even) > _MOST_TRIALS:
        yield f"  … and {len(even) - _MOST_TRIALS} more that came out as they should"


def _render_trial(trial: ExplainedTrial) -> str:
    box = "[x]" if trial.is_claimed else "[ ]"
    verdict = "passes" if trial.passes else "fails"
    why = f"  {_cut(trial.why)}" if trial.why else ""
    time = f" ({trial.wall_ms:.1f} ms)" if trial.wall_ms is not None else ""
    is_odd = trial.passes is not trial.is_claimed
    return f"{_mark(is_odd=is_odd)} {box} {verdict:<6}  {_cut(trial.name)}{time}{why}"


def _mark(*, is_odd: bool) -> str:
    """Lead the eye to what came out otherwise than the author says."""
    return " →" if is_odd else "  "


def _cut(text: str) -> str:
    line = " ⏎ ".join(text.rstrip("\n").splitlines())
    return line if len(line) <= _WIDTH else f"{line[: _WIDTH - 1]}…"
