"""Pictures of one run: curves along its steps, and its weights at the end.

The axes of a picture are the same for every run of a lesson, so that a reader who turns a knob sees
the curve move and not the paper. What lies beyond an axis is cut off, and its label says so.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from quizzer.domain.traces import Numbers
from quizzer.figures import Axis, Scale, make_scale, spread_labels, write_number

_WIDTH, _HEIGHT = 400, 250
_LEFT, _RIGHT, _TOP, _BOTTOM = 34, 284, 30, 206  # the plot; labels of the curves stand right of it
_CELL = 34
_CELLS_TOP = 22
_THIN = 2.0  # of a bar's half
_SMALLEST = 1.5  # px, so that a weight next to zero is still a dot


@dataclass(frozen=True, slots=True, kw_only=True)
class Curve:
    """One curve: a value per step, None from where the run has diverged.

    Attributes:
        look: which of the styles of the sheet it has: "main", "other" or "faint".
    """

    label: str
    values: Numbers
    look: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """What a picture says besides its lines.

    Attributes:
        name: makes the ids on the page unique.
        title: what is shown.
        told: what there is to be seen, for those who do not see it.
    """

    name: str
    title: str
    told: str


def draw_curves(
    curves: Sequence[Curve], *, steps: Sequence[int], high: float, unit: str, words: Words
) -> Markup:
    """Return curves along the steps, on an upright axis from 0 to `high` or a little above."""
    level = make_scale(Axis(label="step"), [0, steps[-1]], _LEFT, _RIGHT)
    upright = make_scale(Axis(label=unit, low=0, high=high), [0.0], _BOTTOM, _TOP)
    ends = spread_labels([_find_end(curve, upright) for curve in curves], _TOP + 4, _BOTTOM)
    lines = Markup("").join(_draw_line(curve, steps, level, upright, words) for curve in curves)
    labels = Markup("").join(
        _write_label(curve, y, upright) for curve, y in zip(curves, ends, strict=True)
    )
    parts = (
        _draw_clip(words.name),
        _draw_level_rules(upright),
        _draw_ticks(level, "step"),
        _write(4, 16, unit, "faint"),
        lines,
        labels,
    )
    return _frame(Markup("").join(parts), _HEIGHT, words)


def draw_stems(weights: Numbers, truth: Numbers | None, *, high: float, words: Words) -> Markup:
    """Return one upright bar per weight, and a stroke where the true one is.

    A weight that is exactly zero is a ring, so that it is seen to be no small one.
    """
    upright = make_scale(Axis(label="", low=-high, high=high), [0.0], _BOTTOM, _TOP)
    pitch = (_WIDTH - 14 - _LEFT) / len(weights)
    places = [_LEFT + pitch * (index + 0.5) for index in range(len(weights))]
    zero = upright.place(0.0)
    bars = [
        _draw_stem(x, weight, upright, pitch) for x, weight in zip(places, weights, strict=True)
    ]
    true_ones = zip(places, truth, strict=True) if truth else ()
    strokes = [_draw_stroke(x, value, upright, pitch) for x, value in true_ones]
    parts = (
        _draw_clip(words.name, right=_WIDTH),
        _draw_level_rules(upright, right=_WIDTH - 14),
        Markup('<path class="axis" d="M{} {}H{}"/>').format(_LEFT, write_number(zero), _WIDTH - 14),
        Markup('<g clip-path="url(#{}-clip)">{}</g>').format(words.name, _join(bars)),
        _join(strokes),
        _write(4, 16, "weight", "faint"),
        _write_diverged(weights, (_LEFT + _WIDTH) / 2, zero - 12),
        *(_write(x, _BOTTOM + 18, str(at), "faint", "middle") for at, x in _pick(places)),
    )
    return _frame(_join(parts), _HEIGHT, words)


def draw_squares(weights: Numbers, *, columns: int, high: float, words: Words) -> Markup:
    """Return the weights where they belong: full squares for positive, frames for negative ones.

    The area of a square is the weight's size; from `high` on it fills its place.
    """
    left = (_WIDTH - columns * _CELL) / 2
    rows = len(weights) // columns
    height = _CELLS_TOP + rows * _CELL + 6
    marks = [
        _draw_square(
            left + (index % columns + 0.5) * _CELL,
            _CELLS_TOP + (index // columns + 0.5) * _CELL,
            weight,
            high,
        )
        for index, weight in enumerate(weights)
    ]
    ground = Markup('<rect class="ground" x="{}" y="{}" width="{}" height="{}" rx="4"/>').format(
        write_number(left), _CELLS_TOP, columns * _CELL, rows * _CELL
    )
    names = [
        _write(left + (column + 0.5) * _CELL, 14, str(column + 1), "faint", "middle")
        for column in range(columns)
    ]
    note = _write_diverged(weights, _WIDTH / 2, height / 2)
    return _frame(_join((ground, *names, *marks, note)), height, words)


def _draw_line(
    curve: Curve, steps: Sequence[int], level: Scale, upright: Scale, words: Words
) -> Markup:
    points = " ".join(
        f"{write_number(level.place(step))} {write_number(_place(upright, value))}"
        for step, value in zip(steps, curve.values, strict=True)
        if value is not None
    )
    if not points:
        return Markup("")
    return Markup('<path class="curve {}" clip-path="url(#{}-clip)" d="M{}"/>').format(
        curve.look, words.name, points
    )


def _place(scale: Scale, value: float) -> float:
    """A coordinate, at most a picture's height beyond the axis: it is cut off there anyway."""
    return max(-float(_HEIGHT), scale.place(value))


def _find_end(curve: Curve, upright: Scale) -> float:
    last = curve.values[-1]
    return float(_TOP) if last is None else max(float(_TOP), upright.place(last))


def _write_label(curve: Curve, y: float, upright: Scale) -> Markup:
    last = curve.values[-1]
    is_off = last is None or upright.place(last) < _TOP
    label = f"{curve.label} ↑" if is_off else curve.label
    return _write(_RIGHT + 6, y + 4, label, f"said {curve.look}")


def _draw_stem(x: float, weight: float | None, upright: Scale, pitch: float) -> Markup:
    if weight is None:
        return Markup("")
    zero = upright.place(0.0)
    if weight == 0:
        return Markup('<circle class="nothing" cx="{}" cy="{}" r="3.5"/>').format(
            write_number(x), write_number(zero)
        )
    end = min(max(upright.place(weight), 0.0), float(_HEIGHT))
    top, height = min(zero, end), max(abs(end - zero), 1.0)
    half = max(pitch / 2 - 2 * _THIN, _THIN)
    return Markup('<rect class="stem" x="{}" y="{}" width="{}" height="{}"/>').format(
        *map(write_number, (x - half, top, 2 * half, height))
    )


def _draw_stroke(x: float, value: float | None, upright: Scale, pitch: float) -> Markup:
    if not value:
        return Markup("")
    y = write_number(upright.place(value))
    return Markup('<path class="true" d="M{} {}h{}"/>').format(
        write_number(x - pitch / 2), y, write_number(pitch)
    )


def _draw_square(x: float, y: float, weight: float | None, high: float) -> Markup:
    if weight is None:
        return Markup("")
    side = max((_CELL - 4) * math.sqrt(min(1.0, abs(weight) / high)), _SMALLEST)
    sign = "minus" if weight < 0 else "plus"
    return Markup('<rect class="cell {}" x="{}" y="{}" width="{}" height="{}"/>').format(
        sign, *map(write_number, (x - side / 2, y - side / 2, side, side))
    )


def _write_diverged(weights: Numbers, x: float, y: float) -> Markup:
    if None not in weights:
        return Markup("")
    return _write(x, y, "diverged", "faint", "middle")


def _pick(places: Sequence[float]) -> list[tuple[int, float]]:
    """Every fifth place and the first, with its number from 1."""
    return [(at, x) for at, x in enumerate(places, start=1) if at == 1 or at % 5 == 0]


def _draw_clip(name: str, *, right: int = _RIGHT) -> Markup:
    # A little above the axis, so that a line along it keeps its thickness.
    return Markup(
        '<clipPath id="{}-clip"><rect x="{}" y="{}" width="{}" height="{}"/></clipPath>'
    ).format(name, _LEFT - 2, _TOP - 2, right - _LEFT + 4, _BOTTOM - _TOP + 4)


def _draw_level_rules(upright: Scale, *, right: int = _RIGHT) -> Markup:
    rules = [
        Markup('<path class="rule" d="M{} {}H{}"/>').format(_LEFT, write_number(y), right)
        + _write(_LEFT - 5, y + 4, words, "faint", "end")
        for y, words in upright.ticks
    ]
    return _join(rules)


def _draw_ticks(level: Scale, label: str) -> Markup:
    ticks = [
        Markup('<path class="rule" d="M{} {}v5"/>').format(write_number(x), _BOTTOM)
        + _write(x, _BOTTOM + 19, words, "faint", "middle")
        for x, words in level.ticks
    ]
    return _join((*ticks, _write((_LEFT + _RIGHT) / 2, _BOTTOM + 37, label, "faint", "middle")))


def _write(x: float, y: float, words: str, look: str, anchor: str = "start") -> Markup:
    return Markup('<text class="{}" x="{}" y="{}" text-anchor="{}">{}</text>').format(
        look, write_number(x), write_number(y), anchor, words
    )


def _join(parts: Sequence[Markup]) -> Markup:
    return Markup("").join(parts)


def _frame(parts: Markup, height: float, words: Words) -> Markup:
    return Markup(
        '<svg class="chart trace" viewBox="0 0 {} {}" role="img" '
        'aria-labelledby="{name}-title {name}-told"><title id="{name}-title">{}</title>'
        '<desc id="{name}-told">{}</desc>{}</svg>'
    ).format(_WIDTH, write_number(height), words.title, words.told, parts, name=words.name)
