"""The values that an item's variables were given: whether they can be shown, and what they make."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

from quizzer.banks.fragments import check_text
from quizzer.banks.library import list_item_texts
from quizzer.banks.problems import Complaints
from quizzer.domain.items import Item, Kind, Option
from quizzer.domain.ranges import Range, parse_range
from quizzer.domain.scoring import normalise_output, normalise_short
from quizzer.domain.variants import VARIABLE
from quizzer.services.proving.findings import Finding
from quizzer.services.proving.observed import Observed, Value

DRAW_COUNT = 20
LONGEST_VALUE = 200  # characters
_TYPES = ("int", "float", "bool", "str")
_NO_NUMBERS = ("nan", "inf", "-inf")


def list_variables(item: Item) -> tuple[str, ...]:
    """Return the names of the variables that the item shows, sorted; none without `variants`."""
    if item.variants is None:
        return ()
    texts = [item.title, item.output or "", *(text.source for text in list_item_texts(item))]
    texts += [fence.code for fence in item.fences]
    return tuple(sorted({found[1] for text in texts for found in VARIABLE.finditer(text)}))


def read_draw(
    item: Item, names: Sequence[str], runs: Sequence[Observed]
) -> tuple[Mapping[str, str], Finding | None]:
    """Return the texts that one seed gave the variables, and what is wrong with them.

    Args:
        item: one with variables.
        names: of the variables that the item shows.
        runs: what came of that seed, each time under another random state.
    """
    line = item.variants.line if item.variants else item.line
    values = runs[0].values
    if any(run.values != values for run in runs):
        message = "the variables move with the random state: draw them with `rng`"
        return {}, Finding(code="P303", message=message, line=line)
    for name in names:
        fault = _find_fault(values.get(name))
        if fault:
            return {}, Finding(code="P308", message=f"variable `{name}` {fault}", line=line)
    return {name: values[name].text for name in names}, None


def check_drawn(item: Item) -> Iterator[Finding]:
    """Yield why a drawing of an item cannot be asked."""
    for options in (item.options, *(blank.options for blank in item.blanks)):
        yield from _find_alike(item, options)
    if item.kind is Kind.NUMERIC:
        yield from _check_ranges(item.options)
    complaints = Complaints("")
    for text in list_item_texts(item):
        check_text(text, complaints)
    for problem in sorted(complaints.problems):
        if problem.is_error:
            yield Finding(code="P308", message=problem.message, line=problem.line)


def describe_draw(values: Mapping[str, str]) -> str:
    """Return the values of a draw in words, such as `n = 3, x = 5`."""
    return ", ".join(f"{name} = {text}" for name, text in values.items())


def _find_fault(value: Value | None) -> str:
    """Why a value cannot be shown, or an empty text."""
    if value is None:
        return "is shown, but was not set"
    if value.type not in _TYPES:
        return f"is a {value.type}; only int, float, bool and str can be shown"
    if value.type == "float" and value.text in _NO_NUMBERS:
        return f"is {value.text}"
    if len(value.text) > LONGEST_VALUE or len(value.text.splitlines()) > 1:
        return f"is no single line of at most {LONGEST_VALUE} characters"
    if "`" in value.text or not value.text.isprintable():
        return "holds a back-tick or a character that cannot be shown"
    return ""


def _find_alike(item: Item, options: Sequence[Option]) -> Iterator[Finding]:
    """Yield the options that say the same as one before."""
    first: dict[str, str] = {}
    tell = _choose_reading(item)
    for option in options:
        said = tell(option)
        if said in first:
            message = f"options {first[said]} and {option.key} are the same"
            yield Finding(code="P308", message=message, line=option.text.line)
        first.setdefault(said, option.key)


def _choose_reading(item: Item) -> Callable[[Option], str]:
    """Return what makes two options of such an item the same."""
    if item.kind is Kind.SHORT:
        return lambda option: normalise_short(
            option.value, is_case_sensitive=item.is_case_sensitive
        )
    if item.kind.is_sequence:
        return lambda option: option.value or option.text.source
    return lambda option: normalise_output(option.value or option.text.source)


def _check_ranges(options: Sequence[Option]) -> Iterator[Finding]:
    right: list[tuple[Option, Range]] = []
    for option in sorted(options, key=lambda option: not option.correct):
        try:
            values = parse_range(option.value)
        except ValueError as error:
            yield Finding(code="P308", message=str(error), line=option.text.line)
            continue
        if option.correct:
            right.append((option, values))
        for other, wanted in right:
            if not option.correct and values.overlaps(wanted):
                message = f"the wrong value {option.key} counts as right by {other.key}"
                yield Finding(code="P308", message=message, line=option.text.line)
