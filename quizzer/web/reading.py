"""A lesson's parts as a reader may see them: a step's text only after its prediction.

What is not open yet is not in the value at all. Titles say what a step found out, so those are kept
back as well.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from quizzer.banks.library import Library
from quizzer.domain.attempts import ShownQuestion
from quizzer.domain.items import Lesson, LessonPart, PartKind
from quizzer.web.contrast import mark_contrast

OF_WHY = frozenset({PartKind.WHY, PartKind.OVERVIEW})
"""What the page of the mode `why` shows, and the walk does not."""

_TITLES = {
    PartKind.WHY: "Why",
    PartKind.OVERVIEW: "Overview",
    PartKind.MENTAL_MODEL: "A picture to think with",
    PartKind.UNDER_THE_HOOD: "Under the hood",
    PartKind.MYTHS: "Myths",
    PartKind.EXPERT_NOTES: "Expert notes",
    PartKind.WHEN_NOT_TO: "When not to",
    PartKind.IN_PRODUCTION: "In production",
    PartKind.CONNECTIONS: "Connections",
    PartKind.TAKEAWAYS: "Takeaways",
}
_COUNTED = {PartKind.STEP: "more step", PartKind.PITFALL: "pitfall"}


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownSection:
    """A named section of a part: Wrong, Right, Cause."""

    name: str
    html: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownPart:
    """One part of a lesson as it may be read now; of a closed one only what it asks.

    Attributes:
        title: empty while it is closed.
        prediction: the question to commit to before it opens, or None.
        myths: those that are answered, and the first that is not.
        myths_left: how many come after these.
        needs_start: whether it asks something that is only drawn once the walk is begun.
    """

    title: str
    level: str
    html: str = ""
    sections: tuple[ShownSection, ...] = ()
    prediction: ShownQuestion | None = None
    myths: tuple[ShownQuestion, ...] = ()
    myths_left: int = 0
    needs_start: bool = False


def show_why(library: Library, lesson: Lesson) -> tuple[ShownPart, ...]:
    """Return the parts that say why."""
    return tuple(open_part(library, part, {}) for part in lesson.parts if part.kind in OF_WHY)


def open_part(
    library: Library, part: LessonPart, questions: Mapping[str, ShownQuestion]
) -> ShownPart:
    """Return a part that may be read.

    Args:
        library: where texts are rendered.
        part: of a lesson.
        questions: what it asks, by item key; empty before the learner began.
    """
    myths = [questions[key] for key in part.items if key in questions]
    shown = tuple(_take_turns(myths))
    return ShownPart(
        title=title_of(part),
        level=part.level,
        html=library.html(part.text) if part.text.source else "",
        sections=_show_sections(library, part),
        prediction=questions.get(part.predict or ""),
        myths=shown,
        myths_left=len(myths) - len(shown),
        needs_start=len(myths) < len(part.items),
    )


def close_part(part: LessonPart, questions: Mapping[str, ShownQuestion]) -> ShownPart:
    """Return a part that waits for its prediction, with nothing of its text."""
    prediction = questions.get(part.predict or "")
    return ShownPart(
        title="", level=part.level, prediction=prediction, needs_start=prediction is None
    )


def title_of(part: LessonPart) -> str:
    """Return a part's heading on the page."""
    if part.kind is PartKind.PITFALL:
        return f"Pitfall: {part.title}"
    return _TITLES.get(part.kind, part.title)


def name_kind(kind: PartKind, count: int) -> str:
    """Return what so many parts of a kind are called before they are open."""
    if kind not in _COUNTED:
        return _TITLES[kind]
    return f"{count} {_COUNTED[kind]}{'' if count == 1 else 's'}"


def _take_turns(myths: list[ShownQuestion]) -> Iterator[ShownQuestion]:
    """Yield what is answered, then one question at a time."""
    yield from (each for each in myths if each.is_done)
    yield from [each for each in myths if not each.is_done][:1]


def _show_sections(library: Library, part: LessonPart) -> tuple[ShownSection, ...]:
    """Return a pitfall's sections; what the right program does otherwise is marked in both."""
    rendered = {name: library.html(text) for name, text in part.sections}
    if {"Wrong", "Right"} <= rendered.keys():
        rendered["Wrong"], rendered["Right"] = mark_contrast(rendered["Wrong"], rendered["Right"])
    return tuple(ShownSection(name=name, html=html) for name, html in rendered.items())
