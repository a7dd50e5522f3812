"""Figures of measurements as SVG files: lines and bars, for the scripts of a lesson to draw.

A figure is an image of its own (`<img>`), so it brings its own paper: it is legible on a light page
and on a dark one, and goes dark with the reader's setting where the browser lets it. Text stays
readable at the width of a phone. The same values give the same bytes.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from html import escape
from pathlib import Path
from typing import NamedTuple

_WIDTH = 400
_SHOWN_WIDTH = 520  # px where there is room; narrower pages shrink the picture
_FONT = 13
_LETTER = 7.1  # mean width of a character at that size, on the generous side
_GAP = 16  # between the baselines of two labels
_HEIGHT = 290
_TOP, _BOTTOM = 40, 46
_MOST_TICKS = 5
_MOST_DECADES = 6
_LONGEST_LABEL = 18
_MOST_SERIES = 5
_PLAIN_DECADES = range(-3, 5)  # written out; further ones as powers of ten
_BAR = 14

# On light paper, on dark paper, and dashes, so that colour is never the only difference.
_INKS = (
    ("#0a5962", "#7bcdc9", ""),
    ("#9f271f", "#ffa298", "7 4"),
    ("#5b3a8c", "#c9b0f0", "2 3"),
    ("#744700", "#e9bb6b", "10 3 2 3"),
    ("#1b6136", "#86d8a0", "4 2"),
)
_PAPER = ("#fffdf9", "#1b2125")
_INK = ("#20262b", "#e8e5de")
_RULE = ("#dad5c8", "#343d42")
_SUPERSCRIPT = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


@dataclass(frozen=True, slots=True, kw_only=True)
class Axis:
    """One axis.

    Attributes:
        label: what it counts, and its unit.
        low, high: values that it reaches at least; it always reaches those that are drawn.
        is_log: whether equal ratios are equally far apart.
    """

    label: str
    low: float | None = None
    high: float | None = None
    is_log: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One curve: `x` and `y` of the same length, and the label at its end."""

    label: str
    x: Sequence[float]
    y: Sequence[float]


@dataclass(frozen=True, slots=True, kw_only=True)
class BarRow:
    """One row of bars, one value per series."""

    label: str
    values: Sequence[float]


class Scale(NamedTuple):
    """Values to coordinates, and the ticks as (coordinate, words)."""

    place: Callable[[float], float]
    ticks: tuple[tuple[float, str], ...]


def draw_lines(lines: Sequence[Line], *, x: Axis, y: Axis, title: str, description: str) -> str:
    """Draw curves with their labels beside their ends.

    Args:
        lines: at most 5; labels of at most 18 characters.
        x: the level axis.
        y: the upright axis.
        title: what the picture shows, for readers who do not see it.
        description: what there is to be seen in it.

    Raises:
        ValueError: if there is nothing to draw, too much, a value that is no finite number, or one
            that a logarithmic axis does not have.
    """
    _check_series([line.label for line in lines])
    for line in lines:
        if len(line.x) != len(line.y) or not line.x:
            raise ValueError(f"{line.label}: give as many x as y, and at least one of each")
    bottom = _HEIGHT - _BOTTOM
    upright = make_scale(y, [value for line in lines for value in line.y], bottom, _TOP)
    left = 12 + round(max(len(words) for _, words in upright.ticks) * _LETTER)
    right = _WIDTH - 20 - round(max(_measure(line.label) for line in lines))
    level = make_scale(x, [value for line in lines for value in line.x], left, right)
    ends = spread_labels([upright.place(line.y[-1]) for line in lines], _TOP, bottom)
    parts = [
        *_draw_level_rules(upright, left, right),
        *_draw_x_axis(level, bottom, x.label, (left + right) / 2),
        _write(4, 20, y.label),
        *(
            _draw_curve(index, line, level, upright, end)
            for index, (line, end) in enumerate(zip(lines, ends, strict=True))
        ),
    ]
    return _frame(parts, _HEIGHT, title, description)


def draw_bars(
    rows: Sequence[BarRow],
    *,
    series: Sequence[str],
    axis: Axis,
    title: str,
    description: str,
    decimals: int = 2,
) -> str:
    """Draw horizontal bars, in rows, each with its value at its end.

    Args:
        rows: from top to bottom; a value per series in each.
        series: what the bars of a row are; a single empty name is not shown.
        axis: of the values; bars start at its low end, by default at 0.
        title: what the picture shows, for readers who do not see it.
        description: what there is to be seen in it.
        decimals: digits after the point of the values beside the bars.

    Raises:
        ValueError: as `draw_lines`, or if a row has not one value per series.
    """
    _check_series(series)
    if not rows or any(len(row.values) != len(series) for row in rows):
        raise ValueError(f"give rows of {len(series)} values each")
    axis = axis if axis.low is not None or axis.is_log else replace(axis, low=0.0)
    written = [[_sign(f"{value:.{decimals}f}") for value in row.values] for row in rows]
    note = max(len(words) for row in written for words in row)
    right = _WIDTH - 10 - round(note * _LETTER)
    scale = make_scale(axis, [value for row in rows for value in row.values], 8, right)
    row_height = 26 + (_BAR + 4) * len(series)
    top = 12 + (_GAP * len(series) if any(series) else 0)
    bottom = top + row_height * len(rows) + 4
    parts = [_draw_key(index, name) for index, name in enumerate(series) if name]
    parts += _draw_upright_rules(scale, top, bottom)
    for index, (row, words) in enumerate(zip(rows, written, strict=True)):
        parts += _draw_row(row, words, scale, top + index * row_height)
    parts.append(_write((8 + right) / 2, bottom + 36, axis.label, anchor="middle"))
    return _frame(parts, bottom + 46, title, description)


def write_figure(folders: Sequence[str], name: str, drawn: str) -> None:
    """Write a figure as `<name>.svg` into the first of `folders`; without one, do nothing.

    A script hands over `sys.argv[1:]`: run without arguments, it prints and leaves no files.
    """
    if folders:
        (Path(folders[0]) / f"{name}.svg").write_text(drawn, encoding="utf-8", newline="\n")


def _check_series(labels: Sequence[str]) -> None:
    if not 1 <= len(labels) <= _MOST_SERIES:
        raise ValueError(f"draw 1 to {_MOST_SERIES} series, not {len(labels)}")
    for label in labels:
        if len(label) > _LONGEST_LABEL:
            raise ValueError(f"{label!r}: a label has at most {_LONGEST_LABEL} characters")


def make_scale(axis: Axis, values: Sequence[float], start: float, end: float) -> Scale:
    """Map the axis to the coordinates from `start` to `end`.

    Raises:
        ValueError: for a value that is not finite, or that a logarithmic axis does not have.
    """
    if not all(map(math.isfinite, values)):
        raise ValueError(f"{axis.label}: cut off what is not finite before drawing")
    low = min(values if axis.low is None else [axis.low, *values])
    high = max(values if axis.high is None else [axis.high, *values])
    if axis.is_log and low <= 0:
        raise ValueError(f"{axis.label}: a logarithmic axis has no place for 0 and below")
    ticks = _tick_decades(low, high) if axis.is_log else _tick_evenly(low, high)
    low, high = min(low, ticks[0]), max(high, ticks[-1])
    bend: Callable[[float], float] = math.log10 if axis.is_log else float
    per_unit = (end - start) / (bend(high) - bend(low))

    def place(value: float) -> float:
        return start + (bend(value) - bend(low)) * per_unit

    name = _name_decade if axis.is_log else _name_evenly(ticks)
    return Scale(place, tuple((place(tick), name(tick)) for tick in ticks))


def _tick_evenly(low: float, high: float) -> list[float]:
    """Multiples of 1, 2 or 5 times a power of ten that enclose both ends."""
    span = high - low or abs(high) or 1.0
    power = 10.0 ** math.floor(math.log10(span / _MOST_TICKS))
    step = next(power * base for base in (1, 2, 5, 10) if power * base * _MOST_TICKS >= span)
    slack = 1e-9 * span  # an end that is a tick but for rounding needs no further one
    first, last = math.floor((low + slack) / step), math.ceil((high - slack) / step)
    return [count * step for count in range(first, max(last, first + 1) + 1)]


def _tick_decades(low: float, high: float) -> list[float]:
    first = math.floor(math.log10(low) + 1e-9)
    last = max(math.ceil(math.log10(high) - 1e-9), first + 1)
    stride = math.ceil((last - first) / _MOST_DECADES)
    last += -(last - first) % stride
    return [10.0**power for power in range(first, last + 1, stride)]


def _name_evenly(ticks: Sequence[float]) -> Callable[[float], str]:
    step = ticks[1] - ticks[0]
    decimals = max(0, -math.floor(math.log10(step) + 1e-9))

    def name(tick: float) -> str:
        return _sign(f"{round(tick, decimals) + 0.0:.{decimals}f}")

    return name


def _name_decade(tick: float) -> str:
    power = round(math.log10(tick))
    if power in _PLAIN_DECADES:
        return f"{tick:.{max(0, -power)}f}"
    return "10" + str(power).translate(_SUPERSCRIPT)


def _sign(number: str) -> str:
    return number.replace("-", "−")  # noqa: RUF001 - the minus sign is meant


def spread_labels(wanted: Sequence[float], top: float, bottom: float) -> list[float]:
    """Move labels apart that would cover each other, as little as goes."""
    order = sorted(range(len(wanted)), key=lambda index: (wanted[index], index))
    places = [0.0] * len(wanted)
    above = top - _GAP
    for index in order:
        above = places[index] = max(wanted[index], above + _GAP)
    below = bottom + _GAP
    for index in reversed(order):
        below = places[index] = min(places[index], below - _GAP)
    return places


def _measure(label: str) -> float:
    """Return the width of a label, at least."""
    return sum(_LETTER + 3 * (letter in "MWmw") for letter in label)


def write_number(value: float) -> str:
    """One decimal: finer than anyone sees, coarser than rounding on another machine."""
    return f"{round(value, 1) + 0.0:.1f}".removesuffix(".0")


def _write(x: float, y: float, words: str, *, anchor: str = "start", ink: str = "ink") -> str:
    fill = _INK[0] if ink == "ink" else _INKS[int(ink[1:])][0]
    placed = "" if anchor == "start" else f' text-anchor="{anchor}"'
    where = f'x="{write_number(x)}" y="{write_number(y)}"'
    return f'<text class="{ink}" fill="{fill}" {where}{placed}>{escape(words)}</text>'


def _rule(path: str) -> str:
    return f'<path class="rule" stroke="{_RULE[0]}" d="{path}"/>'


def _draw_level_rules(scale: Scale, left: float, right: float) -> list[str]:
    parts = []
    for y, words in scale.ticks:
        parts.append(_rule(f"M{write_number(left)} {write_number(y)}H{write_number(right)}"))
        parts.append(_write(left - 6, y + 4, words, anchor="end"))
    return parts


def _draw_upright_rules(scale: Scale, top: float, bottom: float) -> list[str]:
    parts = []
    for x, words in scale.ticks:
        parts.append(_rule(f"M{write_number(x)} {write_number(top)}V{write_number(bottom)}"))
        parts.append(_write(x, bottom + 17, words, anchor=_lean(words, x)))
    return parts


def _lean(words: str, x: float) -> str:
    """A tick at the picture's left edge starts there; all others are centred."""
    return "start" if x < len(words) * _LETTER / 2 else "middle"


def _draw_x_axis(scale: Scale, bottom: float, label: str, middle: float) -> list[str]:
    parts = [_write(middle, bottom + 38, label, anchor="middle")]
    for x, words in scale.ticks:
        parts.append(_rule(f"M{write_number(x)} {write_number(bottom)}v5"))
        parts.append(_write(x, bottom + 19, words, anchor="middle"))
    return parts


def _draw_curve(index: int, line: Line, level: Scale, upright: Scale, label_y: float) -> str:
    points = [
        f"{write_number(level.place(x))} {write_number(upright.place(y))}"
        for x, y in zip(line.x, line.y, strict=True)
    ]
    ink, _, dashes = _INKS[index]
    dashed = f' stroke-dasharray="{dashes}"' if dashes else ""
    curve = (
        f'<path class="s{index}" fill="none" stroke="{ink}" stroke-width="2.2" '
        f'stroke-linejoin="round"{dashed} d="M{" ".join(points)}"/>'
    )
    end = level.place(line.x[-1])
    return curve + _write(end + 6, label_y + 4, line.label, ink=f"t{index}")


def _draw_key(index: int, name: str) -> str:
    y = 4 + _GAP * index
    square = _draw_bar(index, 8, y, 12, 11)
    return square + _write(26, y + 10, name, ink=f"t{index}")


def _draw_bar(index: int, x: float, y: float, width: float, height: float) -> str:
    return (
        f'<rect class="f{index}" fill="{_INKS[index][0]}" '
        f'x="{write_number(x)}" y="{write_number(y)}" '
        f'width="{write_number(width)}" height="{write_number(height)}" rx="2"/>'
    )


def _draw_row(row: BarRow, written: Sequence[str], scale: Scale, top: float) -> list[str]:
    parts = [_write(8, top + 18, row.label)]
    start = scale.place(0.0) if scale.ticks[0][1].startswith("−") else scale.ticks[0][0]  # noqa: RUF001
    for index, (value, words) in enumerate(zip(row.values, written, strict=True)):
        y = top + 24 + index * (_BAR + 4)
        end = scale.place(value)
        left, width = min(start, end), max(abs(end - start), 1.0)
        parts.append(_draw_bar(index, left, y, width, _BAR))
        parts.append(_write(left + width + 5, y + 12, words))
    return parts


def _frame(parts: Sequence[str], height: float, title: str, description: str) -> str:
    shown = write_number(height * _SHOWN_WIDTH / _WIDTH)
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {write_number(height)}" '
        f'width="{_SHOWN_WIDTH}" height="{shown}" role="img" '
        f'font-family="system-ui, \'DejaVu Sans\', sans-serif" font-size="{_FONT}">'
    )
    names = f"<title>{escape(title)}</title>\n<desc>{escape(description)}</desc>"
    paper = f'<rect class="paper" fill="{_PAPER[0]}" width="100%" height="100%" rx="8"/>'
    return "\n".join((head, names, _STYLE, paper, *parts, "</svg>", ""))


def _make_style() -> str:
    """What changes where the reader prefers dark; without it the light paper stays."""
    rules = [f".paper{{fill:{_PAPER[1]}}}.ink{{fill:{_INK[1]}}}.rule{{stroke:{_RULE[1]}}}"]
    rules += [
        f".s{index}{{stroke:{dark}}}.f{index},.t{index}{{fill:{dark}}}"
        for index, (_, dark, _) in enumerate(_INKS)
    ]
    return f"<style>@media (prefers-color-scheme: dark){{{''.join(rules)}}}</style>"


_STYLE = _make_style()
