"""Stated confidence against what was right: a picture, and the same in words."""

from __future__ import annotations

from functools import cache

from markupsafe import Markup
from sqlalchemy.orm import Session

from quizzer.domain.calibration import Calibration, CalibrationPoint
from quizzer.services import reviewing

CONFIDENCE_WORDS = {35: "Guessing", 70: "I think so", 95: "Sure"}
"""How sure a learner can say they are, by the percent that it stands for."""

FEWEST = 10  # answers before anything is said of how the two fit
_FIT = 0.05  # as far apart as the two may be, and still fit
_LEFT, _TOP, _SIDE = 54, 34, 300
_WIDTH, _HEIGHT = _LEFT + _SIDE + 24, _TOP + _SIDE + 52
_TICKS = (0, 25, 50, 75, 100)


def show_calibration(session: Session, *, user_id: int) -> dict[str, object]:
    """Return what the part `progress/_calibration.html` of a page shows."""
    calibration = reviewing.get_calibration(session, user_id=user_id)
    return {
        "calibration": calibration,
        "calibration_picture": draw_calibration(calibration) if calibration else "",
        "calibration_words": judge(calibration) if calibration else "",
        "has_enough": bool(calibration and calibration.n >= FEWEST),
        "confidence_words": CONFIDENCE_WORDS,
    }


def judge(calibration: Calibration) -> str:
    """Return one sentence on how confidence and outcome fit."""
    if calibration.n < FEWEST:
        return f"After {FEWEST} answers with a confidence it says here how well the two fit."
    apart = round(abs(calibration.excess) * 100)
    if abs(calibration.excess) <= _FIT:
        return "What you say and what you know fit well."
    if calibration.excess > 0:
        return f"You are surer than right, by {apart} percentage points: look twice when sure."
    return f"You know more than you say, by {apart} percentage points: trust yourself more."


def draw_calibration(calibration: Calibration) -> Markup:
    """Return a picture: how sure the learner was across, how often that was right upwards.

    On the diagonal the two are the same.
    """
    told = "; ".join(
        f"{name_confidence(point.confidence)}: {round(point.share * 100)} % of {point.n} right"
        for point in calibration.points
    )
    return Markup(
        '<svg class="chart" viewBox="0 0 {width} {height}" role="img" '
        'aria-labelledby="calibration-picture-title calibration-picture-text">'
        '<title id="calibration-picture-title">Confidence and what was right</title>'
        '<desc id="calibration-picture-text">{told}</desc>{frame}{points}</svg>'
    ).format(
        width=_WIDTH,
        height=_HEIGHT,
        told=told,
        frame=_draw_frame(),
        points=Markup("").join(_draw_point(point) for point in calibration.points),
    )


def name_confidence(percent: int) -> str:
    """Return the learner's words for a confidence."""
    words = CONFIDENCE_WORDS.get(percent)
    return f"{words} ({percent} %)" if words else f"{percent} %"


def _x(share: float) -> str:
    return f"{_LEFT + share * _SIDE:.1f}"


def _y(share: float) -> str:
    return f"{_TOP + (1 - share) * _SIDE:.1f}"


@cache
def _draw_frame() -> Markup:
    ticks = Markup("").join(_draw_tick(percent) for percent in _TICKS)
    return Markup(
        '{ticks}<path class="ideal" d="M{left} {bottom}L{right} {top}"/>'
        '<text class="faint" x="{middle}" y="{below}" text-anchor="middle">how sure you were</text>'
        '<text class="faint" x="0" y="{head}">how often it was right</text>'
    ).format(
        ticks=ticks,
        left=_x(0),
        right=_x(1),
        top=_y(1),
        bottom=_y(0),
        middle=_x(0.5),
        below=_TOP + _SIDE + 44,
        head=14,
    )


def _draw_tick(percent: int) -> Markup:
    return Markup(
        '<path class="rule" d="M{left} {y}H{right}"/>'
        '<text class="faint" x="{edge}" y="{line}" text-anchor="end">{percent} %</text>'
        '<text class="faint" x="{x}" y="{below}" text-anchor="middle">{percent} %</text>'
    ).format(
        left=_x(0),
        right=_x(1),
        y=_y(percent / 100),
        edge=_LEFT - 8,
        line=float(_y(percent / 100)) + 5,
        x=_x(percent / 100),
        below=_TOP + _SIDE + 22,
        percent=percent,
    )


def _draw_point(point: CalibrationPoint) -> Markup:
    is_right_half = point.confidence > 50  # noqa: PLR2004 - the middle of the picture
    return Markup(
        '<path class="whisker" d="M{x} {low}V{high}"/><circle class="dot" cx="{x}" cy="{y}" r="6"/>'
        '<text class="on-paper" x="{beside}" y="{line}" text-anchor="{anchor}">{n}&times;</text>'
    ).format(
        x=_x(point.confidence / 100),
        low=_y(point.low),
        high=_y(point.high),
        y=_y(point.share),
        beside=float(_x(point.confidence / 100)) + (-12 if is_right_half else 12),
        anchor="end" if is_right_half else "start",
        line=float(_y(point.share)) + 5,
        n=point.n,
    )
