"""Pictures as SVG: no script, no inline style, colours by class, words for those who cannot see."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from markupsafe import Markup, escape

_WIDTH = 400
_ROW = 46  # words above, bar below: a title of any length begins at the picture's edge
_WORDS = 15  # from a row's top to the line that its words stand on
_TOP = 26
_INSET = 8  # so that the dots and percentages at both ends are whole
_BAR = 12
_LONGEST_LABEL = 38
_SCALE = ((0, 0, "start"), (50, _WIDTH // 2, "middle"), (100, _WIDTH, "end"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """One row of a chart.

    Attributes:
        share: in [0, 1].
        low, high: the interval to draw as a whisker, or None.
        note: what stands at the row's end.
    """

    label: str
    share: float
    note: str
    low: float | None = None
    high: float | None = None


def draw_bars(bars: Sequence[Bar], *, name: str, title: str) -> Markup:
    """Return horizontal bars of shares.

    Args:
        bars: from top to bottom.
        name: makes the ids of the title and description unique on the page.
        title: what the picture shows.
    """
    height = _TOP + _ROW * len(bars) + 8
    told = "; ".join(f"{bar.label}: {bar.note}" for bar in bars)
    rows = Markup("").join(_draw_row(bar, _TOP + _ROW * index) for index, bar in enumerate(bars))
    return Markup(
        '<svg class="chart" viewBox="0 0 {width} {height}" role="img" '
        'aria-labelledby="{name}-title {name}-text"><title id="{name}-title">{title}</title>'
        '<desc id="{name}-text">{told}</desc>{scale}{rows}</svg>'
    ).format(
        width=_WIDTH,
        height=height,
        name=name,
        title=title,
        told=told,
        scale=_draw_scale(height),
        rows=rows,
    )


def _x(share: float) -> str:
    return f"{_INSET + share * (_WIDTH - 2 * _INSET):.1f}"


@lru_cache(maxsize=100)
def _draw_scale(height: int) -> Markup:
    line = Markup(
        '<path class="rule" d="M{x} {top}V{bottom}"/>'
        '<text class="faint" x="{edge}" y="14" text-anchor="{anchor}">{percent} %</text>'
    )
    return Markup("").join(
        line.format(
            x=_x(percent / 100),
            top=_TOP - 6,
            bottom=height - 4,
            edge=edge,
            anchor=anchor,
            percent=percent,
        )
        for percent, edge, anchor in _SCALE
    )


def _draw_row(bar: Bar, top: int) -> Markup:
    label = bar.label
    if len(label) > _LONGEST_LABEL:
        label = label[: _LONGEST_LABEL - 1].rstrip() + "…"
    middle = top + _ROW - 16
    has_interval = bar.low is not None and bar.high is not None
    mark = _draw_dot(bar, middle) if has_interval else _draw_bar(bar, middle)
    baseline, right = top + _WORDS, _WIDTH - _INSET
    # Put together as plain text: `Markup.format` takes ten times as long, for numbers as well.
    return Markup(  # noqa: S704 - the words are escaped, and all else is ours
        f'<text class="on-paper" x="{_INSET}" y="{baseline}">{escape(label)}</text>{mark}'
        f'<text class="faint on-paper" x="{right}" y="{baseline}" text-anchor="end">'
        f"{escape(bar.note)}</text>"
    )


def _draw_bar(bar: Bar, middle: int) -> str:
    full, place = _WIDTH - 2 * _INSET, f'x="{_INSET}" y="{middle - _BAR // 2}"'
    return (
        f'<rect class="bar-back" {place} width="{full}" height="{_BAR}" rx="3"/>'
        f'<rect class="bar-fill" {place} width="{full * bar.share:.1f}" height="{_BAR}" rx="3"/>'
    )


def _draw_dot(bar: Bar, middle: int) -> str:
    """A dot on a whisker: what is expected, and between which shares it may well lie."""
    low, high = _x(bar.low or 0.0), _x(bar.high or 0.0)
    return (
        f'<path class="whisker" d="M{low} {middle}H{high}"/>'
        f'<circle class="dot" cx="{_x(bar.share)}" cy="{middle}" r="6"/>'
    )
