"""Numbers as authors write keys and as learners type them: `0.25`, `0.25 ± 1%`, `[0.2, 0.3]`."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass

_NUMBER = r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d{1,3})?"
_PLAIN = re.compile(_NUMBER, re.ASCII)
_TOLERANCE = re.compile(rf"({_NUMBER}) *(?:±|\+-|\+/-) *({_NUMBER}) *(%?)", re.ASCII)
_RANGE = re.compile(rf"\[ *({_NUMBER}) *, *({_NUMBER}) *\]", re.ASCII)
# What 0.1 + 0.2 may be off by, so that a learner who types the exact value is not told "wrong".
_ROUNDING = 1e-9
MAX_CHARACTERS = 80


@dataclass(frozen=True, slots=True)
class Quantity:
    """The closed range [low, high] of values that count as one answer."""

    low: float
    high: float

    @property
    def is_empty(self) -> bool:
        """Whether no value lies inside."""
        return self.low > self.high

    def contains(self, value: float) -> bool:
        """Whether `value` lies inside, give or take the rounding of the bounds themselves."""
        slack = _ROUNDING * max(abs(self.low), abs(self.high))
        return self.low - slack <= value <= self.high + slack

    def overlaps(self, other: Quantity) -> bool:
        """Whether some value lies inside both."""
        return self.low <= other.high and other.low <= self.high


def parse_number(text: str) -> float | None:
    """Read a plain finite number as a learner types it; None if it is none.

    A real minus sign counts as a hyphen. A comma is refused: it means different things in
    different countries.
    """
    bare = text.strip().replace("\N{MINUS SIGN}", "-")
    if len(bare) > MAX_CHARACTERS or not _PLAIN.fullmatch(bare):
        return None
    value = float(bare)
    return value if math.isfinite(value) else None


def parse_quantity(text: str) -> Quantity | None:
    """Read an author's key: a number, a number with a tolerance, or a range; None if unreadable."""
    bare = text.strip().replace("\N{MINUS SIGN}", "-")
    if len(bare) > MAX_CHARACTERS:
        return None
    if found := _TOLERANCE.fullmatch(bare):
        return _with_tolerance(float(found[1]), float(found[2]), is_percent=bool(found[3]))
    if found := _RANGE.fullmatch(bare):
        return _finite(float(found[1]), float(found[2]))
    value = parse_number(bare)
    return None if value is None else Quantity(value, value)


def _with_tolerance(centre: float, tolerance: float, *, is_percent: bool) -> Quantity | None:
    spread = abs(centre) * tolerance / 100 if is_percent else tolerance
    return _finite(centre - spread, centre + spread)


def _finite(low: float, high: float) -> Quantity | None:
    return Quantity(low, high) if math.isfinite(low) and math.isfinite(high) else None
