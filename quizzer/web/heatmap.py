"""A year of days as a picture: the more was answered on a day, the stronger its colour."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache

from markupsafe import Markup

from quizzer.services.activity import DAYS_OF_WEEK, WEEKS_SHOWN, Activity, find_monday

_LEVELS = (1, 5, 10, 20)  # from how many answers on a day is of the first, second ... strength
_CELL, _STEP = 12, 15
_LEFT, _TOP = 34, 22
_HEIGHT = _TOP + DAYS_OF_WEEK * _STEP
_LEGEND_HEIGHT = 20
_LEGEND_STEP = 66
_NAMED_DAYS = ((0, "Mon"), (2, "Wed"), (4, "Fri"))
_BASELINE = 10  # from the top of a cell to the line that its words stand on
_WEEK = timedelta(days=DAYS_OF_WEEK)


@dataclass(frozen=True, slots=True, kw_only=True)
class WeekRow:
    """One week of the table beside the picture; days to come are None."""

    monday: date
    counts: tuple[int | None, ...]
    total: int


def draw_year(activity: Activity) -> tuple[Markup, Markup]:
    """Return the year in two halves, so that its days stay large enough on a phone."""
    mondays = _list_mondays(activity.today)
    middle = WEEKS_SHOWN // 2
    return (
        _draw_weeks(mondays[:middle], activity, name="year-1"),
        _draw_weeks(mondays[middle:], activity, name="year-2"),
    )


@cache
def draw_legend() -> Markup:
    """Return what the strengths of the colour mean."""
    bounds = (0, *_LEVELS)
    words = [_name_level(low, high) for low, high in zip(bounds, (*_LEVELS, None), strict=True)]
    cells = Markup("").join(
        Markup(
            '<path class="heat-{level}" d="{cell}"/>'
            '<text class="faint" x="{x}" y="{y}">{word}</text>'
        ).format(
            level=level,
            cell=_trace(_LEFT + level * _LEGEND_STEP, 2),
            x=_LEFT + level * _LEGEND_STEP + _STEP + 3,
            y=2 + _BASELINE + 1,
            word=word,
        )
        for level, word in enumerate(words)
    )
    return Markup(
        '<svg class="chart" viewBox="0 0 {width} {height}" role="img" '
        'aria-label="The stronger the colour, the more was answered on the day">{cells}</svg>'
    ).format(width=_find_width(WEEKS_SHOWN - WEEKS_SHOWN // 2), height=_LEGEND_HEIGHT, cells=cells)


def list_weeks(activity: Activity) -> tuple[WeekRow, ...]:
    """Return the weeks in which something was answered, the newest first."""
    rows = (_make_row(monday, activity) for monday in reversed(_list_mondays(activity.today)))
    return tuple(row for row in rows if row.total)


def _list_mondays(today: date) -> list[date]:
    this_week = find_monday(today)
    return [this_week - back * _WEEK for back in reversed(range(WEEKS_SHOWN))]


def _make_row(monday: date, activity: Activity) -> WeekRow:
    days = [monday + timedelta(days=number) for number in range(DAYS_OF_WEEK)]
    counts = [activity.counts.get(day, 0) for day in days]
    return WeekRow(
        monday=monday,
        counts=tuple(
            count if day <= activity.today else None
            for day, count in zip(days, counts, strict=True)
        ),
        total=sum(counts),
    )


def _draw_weeks(mondays: Sequence[date], activity: Activity, *, name: str) -> Markup:
    first, last = mondays[0], min(activity.today, mondays[-1] + timedelta(days=6))
    counts = {day: count for day, count in activity.counts.items() if first <= day <= last}
    days = f"{len(counts)} day{'' if len(counts) == 1 else 's'}"
    told = f"Something was answered on {days}; {sum(counts.values())} in all."
    return Markup(
        '<svg class="chart heat" viewBox="0 0 {width} {height}" role="img" '
        'aria-labelledby="{name}-title {name}-text"><title id="{name}-title">{title}</title>'
        '<desc id="{name}-text">{told}</desc>{names}{cells}</svg>'
    ).format(
        width=_find_width(WEEKS_SHOWN - WEEKS_SHOWN // 2),
        height=_HEIGHT,
        name=name,
        title=f"{_tell_month(first)} to {_tell_month(last)}",
        told=told,
        names=_draw_names(mondays),
        cells=_draw_cells(mondays, counts, activity.today),
    )


def _draw_names(mondays: Sequence[date]) -> Markup:
    """Draw the days' names at the left, and each month's above the week in which it begins."""
    text = Markup('<text class="faint" x="{x}" y="{y}">{word}</text>')
    days = [
        text.format(x=0, y=_TOP + number * _STEP + _BASELINE, word=word)
        for number, word in _NAMED_DAYS
    ]
    months = [
        text.format(x=_LEFT + column * _STEP, y=_TOP - 8, word=f"{monday + timedelta(days=6):%b}")
        for column, monday in enumerate(mondays)
        if (monday + timedelta(days=6)).day <= DAYS_OF_WEEK
    ]
    return Markup("").join([*days, *months])


def _draw_cells(mondays: Sequence[date], counts: Mapping[date, int], today: date) -> Markup:
    """Draw one path per strength: a rectangle per day would be several times as long."""
    paths = [""] * (len(_LEVELS) + 1)
    for column, monday in enumerate(mondays):
        for number in range(DAYS_OF_WEEK):
            day = monday + timedelta(days=number)
            if day <= today:
                level = _find_level(counts.get(day, 0))
                paths[level] += _trace(_LEFT + column * _STEP, _TOP + number * _STEP)
    return Markup("").join(
        Markup('<path class="heat-{level}" d="{path}"/>').format(level=level, path=path)
        for level, path in enumerate(paths)
        if path
    )


def _trace(x: int, y: int) -> str:
    return f"M{x} {y}h{_CELL}v{_CELL}h-{_CELL}z"


def _find_level(count: int) -> int:
    return bisect_right(_LEVELS, count)


def _find_width(columns: int) -> int:
    return _LEFT + columns * _STEP


def _name_level(low: int, high: int | None) -> str:
    if high is None:
        return f"{low}+"
    return str(low) if high == low + 1 else f"{low}\N{EN DASH}{high - 1}"


def _tell_month(day: date) -> str:
    return f"{day.day} {day:%b %Y}"
