"""What code printed against what a text says that it prints. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from quizzer.services.proving.asking import shorten
from quizzer.services.proving.findings import Finding
from quizzer.services.proving.observed import Observed, Printed


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected:
    """An output block and the printing steps that it belongs to."""

    text: str
    line: int
    steps: range


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
        shown = [join(one.printed[index] for index in block.steps) for one in observed]
        yield from _compare_block(block, shown)


def _compare_block(block: Expected, shown: Sequence[str]) -> Iterator[Finding]:
    if len(set(shown)) > 1:
        message = "what is printed moves with the random state: set a seed in the code"
        yield Finding(code="P303", message=message, line=block.line)
    elif tidy(_last_of_traceback(block.text)) != shown[0]:
        yield Finding(code="P304", message=tell_apart(block.text, shown[0]), line=block.line)


def join(printed: Iterable[Printed]) -> str:
    """Return what a reader would see of several pieces of code that run one after the other."""
    return tidy("".join(one.shown for one in printed))


def _last_of_traceback(text: str) -> str:
    """Leave only the last line of a traceback that is shown in full."""
    before, mark, trace = text.partition("Traceback (most recent call last):")
    return f"{before}{trace.strip().splitlines()[-1]}" if mark and trace.strip() else text


def tidy(text: str) -> str:
    """Return printed text without what nobody sees: spaces at line ends, empty lines around."""
    return "\n".join(line.rstrip() for line in text.strip("\n").splitlines()).strip("\n")


def tell_apart(claimed: str, shown: str) -> str:
    """Say where two outputs, which differ, begin to."""
    pairs = zip(tidy(claimed).splitlines(), shown.splitlines(), strict=False)
    for number, (said, printed) in enumerate(pairs, start=1):
        if said != printed:
            return f"line {number} of the output is {shorten(printed)}, not {shorten(said)}"
    more = len(shown.splitlines()) - len(tidy(claimed).splitlines())
    return f"the code prints {abs(more)} line(s) {'more' if more > 0 else 'fewer'} than the block"
