"""How well a learner knows what they know: stated confidence against what was right."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from quizzer.domain.results import make_interval


@dataclass(frozen=True, slots=True, kw_only=True)
class Forecast:
    """An answer with the confidence that was stated before its verdict, or several alike.

    Attributes:
        confidence: in percent, 0 to 100.
        is_right: whether it earned everything.
        n: how many such answers there were.
    """

    confidence: int
    is_right: bool
    n: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class CalibrationPoint:
    """All answers that were given with one confidence.

    Attributes:
        confidence: in percent.
        n: how many there are.
        share: share that was right, in [0, 1].
        low, high: its 95 % Wilson interval.
    """

    confidence: int
    n: int
    share: float
    low: float
    high: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Calibration:
    """All forecasts of a learner.

    Attributes:
        brier: mean squared distance between confidence and outcome: 0 is perfect, 0.25 is what
            saying 50 % each time gives.
        points: by confidence, the lowest first.
    """

    n: int
    brier: float
    points: tuple[CalibrationPoint, ...]

    @property
    def excess(self) -> float:
        """Mean confidence less the share that was right, in [-1, 1]: above 0 is too sure."""
        parts = (point.n * (point.confidence / 100 - point.share) for point in self.points)
        return sum(parts) / self.n


def calibrate(forecasts: Iterable[Forecast]) -> Calibration | None:
    """Return the calibration of the forecasts, or None if there are none.

    Source: G. W. Brier, "Verification of forecasts expressed in terms of probability", 1950, in its
    form for two outcomes.
    """
    known = tuple(one for one in forecasts if one.n)
    if not known:
        return None
    n = sum(one.n for one in known)
    return Calibration(
        n=n,
        brier=sum(one.n * (one.confidence / 100 - one.is_right) ** 2 for one in known) / n,
        points=tuple(
            _make_point(confidence, [one for one in known if one.confidence == confidence])
            for confidence in sorted({one.confidence for one in known})
        ),
    )


def _make_point(confidence: int, forecasts: Sequence[Forecast]) -> CalibrationPoint:
    n = sum(one.n for one in forecasts)
    share = sum(one.n for one in forecasts if one.is_right) / n
    low, high = make_interval(share, n)
    return CalibrationPoint(confidence=confidence, n=n, share=share, low=low, high=high)
