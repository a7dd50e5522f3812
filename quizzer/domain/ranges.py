"""Numbers as authors key them and learners type them: exact decimals and closed ranges.

Decimals rather than floats: 0.26 lies in 0.25 ± 0.01, whatever binary fractions make of it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal

_NUMBER = r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d{1,3})?"
_EXACT = re.compile(rf"({_NUMBER})", re.ASCII)
_TOLERANCE = re.compile(rf"({_NUMBER})\s*(?:±|\+-)\s*({_NUMBER})\s*(%?)", re.ASCII)
_INTERVAL = re.compile(rf"\[\s*({_NUMBER})\s*,\s*({_NUMBER})\s*\]", re.ASCII)


class EmptyRangeError(ValueError):
    """A range that no number lies in."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Range:
    """All numbers from `low` to `high`, both included."""

    low: Decimal
    high: Decimal

    def __contains__(self, number: Decimal) -> bool:
        return self.low <= number <= self.high

    def overlaps(self, other: Range) -> bool:
        """Whether some number lies in both."""
        return self.low <= other.high and other.low <= self.high


def parse_number(text: str) -> Decimal:
    """Read a decimal number; a typographic minus is a minus.

    Raises:
        ValueError: if it is none; `0,5`, `1_000`, `nan` and `inf` are none.
    """
    match = _EXACT.fullmatch(text.strip().replace("\N{MINUS SIGN}", "-"))
    if match is None:
        raise ValueError(f"{text!r} is no decimal number")
    return Decimal(match[1])


def parse_range(text: str) -> Range:
    """Read `0.25`, `0.25 ± 0.01` (or `+-`), `0.25 ± 1%` or `[0.2, 0.3]`.

    Raises:
        EmptyRangeError: if the tolerance is negative or the interval ends before it begins.
        ValueError: if it is none of these.
    """
    value = text.strip().replace("\N{MINUS SIGN}", "-")
    if match := _EXACT.fullmatch(value):
        number = Decimal(match[1])
        return Range(low=number, high=number)
    if match := _TOLERANCE.fullmatch(value):
        return _around(Decimal(match[1]), Decimal(match[2]), is_percent=bool(match[3]))
    if match := _INTERVAL.fullmatch(value):
        return _between(Decimal(match[1]), Decimal(match[2]))
    raise ValueError(f"{text!r} is no number, no number with a tolerance and no [low, high]")


def _around(number: Decimal, tolerance: Decimal, *, is_percent: bool) -> Range:
    reach = abs(number) * tolerance / 100 if is_percent else tolerance
    return _between(number - reach, number + reach)


def _between(low: Decimal, high: Decimal) -> Range:
    if low > high:
        raise EmptyRangeError(f"no number lies between {low} and {high}")
    return Range(low=low, high=high)
