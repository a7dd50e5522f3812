"""What the proof showed against what the author ticked. Pure; nothing here runs anything."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from quizzer.domain.items import Item, Kind, Option
from quizzer.domain.ranges import Range, parse_range
from quizzer.domain.scoring import normalise_output
from quizzer.services.proving.observed import Answer, Observed, Printed, Raised

# Rounding of single precision: a computed 0.3 is 0.30000001192...
_ROUNDING = 1e-6


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """A complaint before it has its file.

    Attributes:
        line: where it goes; None for the proof as a whole.
        raised: the exception that it is about, whose place is better than any line.
    """

    code: str
    message: str
    line: int | None = None
    raised: Raised | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Filling:
    """One way to fill in all gaps, and the code that comes of it."""

    options: tuple[Option, ...]
    code: str

    @property
    def is_right(self) -> bool:
        """Whether every value is a ticked one."""
        return all(option.correct for option in self.options)

    def __str__(self) -> str:
        return ", ".join(f"`{option.value}`" for option in self.options)


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected:
    """An output block and the printing steps that it belongs to."""

    text: str
    line: int
    steps: range


def compare_item(
    item: Item, fillings: Sequence[Filling], observed: Sequence[Observed]
) -> Iterator[Finding]:
    """Yield what is wrong with an item, given what its proof showed under each seed."""
    first = observed[0]
    stopped = next((one.error for one in observed if one.error), None)
    if stopped is not None:
        yield Finding(code="P301", message=f"the proof raised {stopped.message}", raised=stopped)
        return
    if item.kind is Kind.OUTPUT:
        yield from _compare_output(item, observed)
    if item.verify is None:
        return
    misfit = _find_misfit(item, first)
    if misfit:
        yield Finding(code="P306", message=misfit)
        return
    moved = _find_move(fillings, observed)
    if moved:
        yield Finding(code="P303", message=moved)
    elif item.blanks:
        yield from _compare_fillings(fillings, first.passes)
    elif first.answer is not None:
        yield from _compare_answer(item, first.answer)
    else:
        yield from _compare_truth(item, first)


def compare_printed(
    expected: Sequence[Expected], observed: Sequence[Observed]
) -> Iterator[Finding]:
    """Yield what is wrong with a lesson's output blocks."""
    stopped = next((one.error for one in observed if one.error), None)
    if stopped is not None:
        yield Finding(code="P301", message=f"the code raised {stopped.message}", raised=stopped)
        return
    first = observed[0]
    claimed = {index for block in expected for index in block.steps}
    for index, printed in enumerate(first.printed):
        if printed.raised and index not in claimed:
            message = f"the code raised {printed.raised.message}, and no output block says so"
            yield Finding(code="P301", message=message, raised=printed.raised)
    for block in expected:
        shown = [_join(one.printed[index] for index in block.steps) for one in observed]
        yield from _compare_block(block, shown)


def _compare_block(block: Expected, shown: Sequence[str]) -> Iterator[Finding]:
    if len(set(shown)) > 1:
        message = "what is printed moves with the random state: set a seed in the code"
        yield Finding(code="P303", message=message, line=block.line)
    elif _tidy(_last_of_traceback(block.text)) != shown[0]:
        yield Finding(code="P304", message=_tell_apart(block.text, shown[0]), line=block.line)


def _join(printed: Iterator[Printed]) -> str:
    return _tidy("".join(one.shown for one in printed))


def _last_of_traceback(text: str) -> str:
    """Leave only the last line of a traceback that is shown in full."""
    before, mark, trace = text.partition("Traceback (most recent call last):")
    return f"{before}{trace.strip().splitlines()[-1]}" if mark and trace.strip() else text


def _tidy(text: str) -> str:
    """Printed text without what nobody sees: spaces at the ends of lines, empty lines around."""
    return "\n".join(line.rstrip() for line in text.strip("\n").splitlines()).strip("\n")


def _tell_apart(claimed: str, shown: str) -> str:
    pairs = zip(_tidy(claimed).splitlines(), shown.splitlines(), strict=False)
    for number, (said, printed) in enumerate(pairs, start=1):
        if said != printed:
            return f"line {number} of the output is {_cut(printed)}, not {_cut(said)}"
    more = len(shown.splitlines()) - len(_tidy(claimed).splitlines())
    return f"the code prints {abs(more)} line(s) {'more' if more > 0 else 'fewer'} than the block"


def _cut(text: str) -> str:
    return repr(text if len(text) <= 80 else f"{text[:79]}…")  # noqa: PLR2004 - a line's width


def _compare_output(item: Item, observed: Sequence[Observed]) -> Iterator[Finding]:
    shown = [_join(iter(one.printed)) for one in observed]
    if len(set(shown)) > 1:
        message = "what is printed moves with the random state: set a seed in the code"
        yield Finding(code="P303", message=message, line=item.line)
        return
    raised = next((printed.raised for printed in observed[0].printed if printed.raised), None)
    if _tidy(item.output or "") != shown[0]:
        if raised is not None:
            message = f"the code raised {raised.message}"
            yield Finding(code="P301", message=message, raised=raised)
        else:
            message = _tell_apart(item.output or "", shown[0])
            yield Finding(code="P304", message=message, line=item.line)
    for option in item.options:
        is_printed = normalise_output(option.value) == normalise_output(shown[0])
        if is_printed is not option.correct:
            yield _contradict(option, is_right=is_printed, why=f"the code prints {_cut(shown[0])}")


def _find_misfit(item: Item, observed: Observed) -> str:
    """Why the proof cannot be compared with this kind of item, or an empty text."""
    if len(observed.names) != 1:
        found = " and ".join(observed.names) or "none"
        return f"a proof sets exactly one of answer, truth and ok; this one sets {found}"
    name = observed.names[0]
    if (name == "ok") is not bool(item.blanks):
        wanted = "ok(code)" if item.blanks else "answer or truth"
        return f"the proof of a {item.kind} item sets {wanted}, not {name}"
    if isinstance(observed.truth, str):
        return f"truth is a dict with one entry per option, not {_cut(observed.truth)}"
    return ""


def _find_move(fillings: Sequence[Filling], observed: Sequence[Observed]) -> str:
    """How the outcome depends on the random state, or an empty text."""
    first = observed[0]
    hint = "set a seed in the code that is shown, or in the proof"
    for other in observed[1:]:
        if not _are_same(first.answer, other.answer) and first.answer and other.answer:
            pair = f"{_cut(first.answer.code)} and {_cut(other.answer.code)}"
            return f"the answer moves with the random state, between {pair}: {hint}"
        if first.names != other.names or first.truth != other.truth:
            return f"truth moves with the random state: {hint}"
        for filling, one, two in zip(fillings, first.passes, other.passes, strict=True):
            if one[0] is not two[0]:
                return f"whether {filling} passes moves with the random state: {hint}"
    return ""


def _are_same(one: Answer | None, other: Answer | None) -> bool:
    if one is None or other is None:
        return one is other
    if one.number is not None and other.number is not None:
        return math.isclose(one.number, other.number, rel_tol=_ROUNDING, abs_tol=1e-12)
    return one.code == other.code


def _compare_answer(item: Item, answer: Answer) -> Iterator[Finding]:
    for option in item.options:
        is_right = _matches(option, answer)
        if is_right is not option.correct:
            yield _contradict(option, is_right=is_right, why=f"the proof gives {_cut(answer.code)}")
    if item.kind is Kind.OUTPUT and _tidy(item.output or "") != _tidy(answer.text):
        yield Finding(
            code="P302", message=f"the output block is not the answer, {_cut(answer.code)}"
        )


def _matches(option: Option, answer: Answer) -> bool:
    shown = option.value or option.text.source.strip()
    try:
        values = parse_range(shown)
    except ValueError:
        wanted = normalise_output(shown)
        return wanted in (normalise_output(answer.text), normalise_output(answer.code))
    return answer.number is not None and _lies_in(answer.number, values)


def _lies_in(number: float, values: Range) -> bool:
    if not math.isfinite(number):
        return False
    if Decimal(number) in values:
        return True
    ends = (float(values.low), float(values.high))
    return any(math.isclose(number, end, rel_tol=_ROUNDING, abs_tol=1e-12) for end in ends)


def _compare_truth(item: Item, observed: Observed) -> Iterator[Finding]:
    truth = observed.truth if isinstance(observed.truth, dict) else {}
    keys = [option.key for option in item.options]
    if unknown := sorted(set(truth) - set(keys)):
        yield Finding(code="P302", message=f"truth has entries of no option: {', '.join(unknown)}")
    for option in item.options:
        said = truth.get(option.key)
        if said is None:
            message = f"truth has no entry for option {option.key}"
            yield Finding(code="P302", message=message, line=option.text.line)
        elif isinstance(said, str):
            message = f"truth[{option.key!r}] is {_cut(said)}, neither True nor False"
            yield Finding(code="P302", message=message, line=option.text.line)
        elif said is not option.correct:
            yield _contradict(option, is_right=said, why="truth says otherwise")


def _compare_fillings(
    fillings: Sequence[Filling], passes: Sequence[tuple[bool, str]]
) -> Iterator[Finding]:
    outcomes = list(zip(fillings, passes, strict=True))
    proven = {option.text.line for filling, (ok, _) in outcomes if ok for option in filling.options}
    told: set[int] = set()
    for filling, (ok, why) in outcomes:
        if ok is filling.is_right:
            continue
        blamed = _blame(filling, proven, passes=ok)
        if blamed.text.line not in told:
            told.add(blamed.text.line)
            verb = "passes" if ok else "does not pass"
            reason = f" ({_cut(why)})" if why else ""
            ticked = "every value is ticked" if filling.is_right else "not every value is ticked"
            message = f"{filling} {verb}{reason}, and {ticked}"
            yield Finding(code="P302", message=message, line=blamed.text.line)


def _blame(filling: Filling, proven: set[int], *, passes: bool) -> Option:
    """The option that is most likely ticked wrongly."""
    if passes:
        suspects = [option for option in filling.options if not option.correct]
    else:
        suspects = [option for option in filling.options if option.text.line not in proven]
    return (suspects or list(filling.options))[0]


def _contradict(option: Option, *, is_right: bool, why: str) -> Finding:
    """Say that running disagrees with a tick; `why` names what running showed."""
    shown = option.value or option.text.source.strip().partition("\n")[0]
    ticked = "ticked" if option.correct else "not ticked"
    verdict = "right" if is_right else "wrong"
    message = f"option {option.key}, {_cut(shown)}, is {ticked}, but {why}: it is {verdict}"
    return Finding(code="P302", message=message, line=option.text.line)
