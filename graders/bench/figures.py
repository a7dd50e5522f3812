"""What was measured, as values and as text."""

from __future__ import annotations

import json
import operator
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass

_COMPARISONS: dict[str, Callable[[float, float], bool]] = {
    "<=": operator.le,
    "<": operator.lt,
    ">=": operator.ge,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One measured number.

    Attributes:
        name: what was measured.
        value: the number.
        unit: `x bare`, `ms`, `MB`, `/s` and the like.
        goal: a comparison and a number, such as `<= 2.5`; empty where there is none.
    """

    name: str
    value: float
    unit: str
    goal: str = ""

    @property
    def is_reached(self) -> bool:
        """Whether the goal is reached; True where there is none."""
        comparison, _, wanted = self.goal.partition(" ")
        return not self.goal or _COMPARISONS[comparison](self.value, float(wanted))


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """Figures of one run that belong together.

    Attributes:
        title: what was done.
        figures: what was measured.
        note: one more fact, or why nothing could be measured.
    """

    title: str
    figures: tuple[Figure, ...] = ()
    note: str = ""


def render_text(sections: Iterable[Section]) -> str:
    """Return the sections as a table each."""
    return "\n\n".join(_render_section(section) for section in sections) + "\n"


def render_json(facts: dict[str, object], sections: Iterable[Section]) -> str:
    """Return facts about the machine and all figures as JSON."""
    entries = [asdict(section) for section in sections]
    return json.dumps({**facts, "sections": entries}, indent=2)


def _render_section(section: Section) -> str:
    width = max((len(figure.name) for figure in section.figures), default=0)
    lines = [section.title, *(f"  {_render_figure(figure, width)}" for figure in section.figures)]
    return "\n".join([*lines, *([f"  {section.note}"] if section.note else [])])


def _render_figure(figure: Figure, width: int) -> str:
    number = f"{figure.value:.0f}" if abs(figure.value) >= 100 else f"{figure.value:.2f}"  # noqa: PLR2004 - three digits say enough
    line = f"{figure.name:{width}}  {number:>8} {figure.unit}"
    if not figure.goal:
        return line
    return f"{line:{width + 30}}  {'✓' if figure.is_reached else '✗'} goal {figure.goal}"
