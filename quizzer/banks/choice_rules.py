"""What an item must say whose learner picks options."""

from __future__ import annotations

from collections.abc import Sequence

from quizzer.banks.items import Draft
from quizzer.banks.keys import Key, find_options, refuse_section
from quizzer.banks.labels import Labels
from quizzer.banks.problems import Complaints
from quizzer.domain.items import Option


def read_single(draft: Draft, _labels: Labels, complaints: Complaints) -> Key:
    """Read the options of an item with one right option."""
    options = _read_choice(draft, complaints)
    _check_one_tick(draft, options, complaints)
    return Key(options=options)


def read_multi(draft: Draft, _labels: Labels, complaints: Complaints) -> Key:
    """Read the options of an item with several right options."""
    options = _read_choice(draft, complaints)
    if len(options) > 1 and not any(option.correct for option in options):
        complaints.add(draft.line, "E175", "tick at least one option.")
    return Key(options=options)


def read_truefalse(draft: Draft, _labels: Labels, complaints: Complaints) -> Key:
    """Read the options `True` and `False`."""
    options = _read_choice(draft, complaints)
    if len(options) > 1 and sorted(option.text.source for option in options) != ["False", "True"]:
        complaints.add(
            options[0].text.line, "E176", "the options are `True` and `False`, in plain text."
        )
    else:
        _check_one_tick(draft, options, complaints)
    return Key(options=options)


def _read_choice(draft: Draft, complaints: Complaints) -> tuple[Option, ...]:
    """Return the options, wherever they stand."""
    refuse_section(draft, "Blank", complaints)
    options = find_options(draft, complaints)
    if len(options) < 2:  # noqa: PLR2004 - a choice needs two
        complaints.add(draft.line, "E173", "a choice needs two options or more.")
    return options


def _check_one_tick(draft: Draft, options: Sequence[Option], complaints: Complaints) -> None:
    ticked = [option for option in options if option.correct]
    if len(options) > 1 and len(ticked) != 1:
        line = ticked[1].text.line if ticked else draft.line
        complaints.add(line, "E174", f"tick exactly one option; {len(ticked)} are ticked.")
