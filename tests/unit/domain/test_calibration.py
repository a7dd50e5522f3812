"""Stated confidence against what was right."""

from __future__ import annotations

import pytest

from quizzer.domain.calibration import Forecast, calibrate


def make(confidence: int, *, right: int, wrong: int) -> list[Forecast]:
    return [
        *[Forecast(confidence=confidence, is_right=True)] * right,
        *[Forecast(confidence=confidence, is_right=False)] * wrong,
    ]


def test_nothing_said_nothing_known() -> None:
    assert calibrate([]) is None


@pytest.mark.parametrize(
    ("forecasts", "brier"),
    [
        (make(100, right=3, wrong=0), 0.0),
        (make(0, right=0, wrong=2), 0.0),
        (make(100, right=0, wrong=1), 1.0),
        (make(50, right=3, wrong=1), 0.25),
        (make(70, right=1, wrong=1), (0.3**2 + 0.7**2) / 2),
    ],
)
def test_the_score_is_the_mean_squared_distance(forecasts: list[Forecast], brier: float) -> None:
    calibration = calibrate(forecasts)
    assert calibration is not None
    assert calibration.brier == pytest.approx(brier)


def test_each_confidence_is_a_point_with_its_interval() -> None:
    calibration = calibrate(make(95, right=6, wrong=2) + make(35, right=1, wrong=3))
    assert calibration is not None
    assert calibration.n == 12
    assert [(p.confidence, p.n, p.share) for p in calibration.points] == [
        (35, 4, 0.25),
        (95, 8, 0.75),
    ]
    assert all(point.low < point.share < point.high for point in calibration.points)
