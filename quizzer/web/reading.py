"""A lesson's parts as a reader may see them: a step's text only after its prediction.

What stands behind the first prediction that is still open is not in the value at all. Titles say
what a step found out, so those are kept back as well.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from quizzer.banks.library import Library
from quizzer.domain.attempts import ShownQuestion
from quizzer.domain.items import Lesson, LessonPart, PartKind
from quizzer.web.contrast import mark_contrast

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
_OF_WHY = frozenset({PartKind.WHY, PartKind.OVERVIEW})


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownSection:
    """A named section of a part: Wrong, Right, Cause."""

    name: str
    html: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownPart:
    """One part of a lesson.

    Attributes:
        anchor: its id on the page.
        prediction: the question to commit to before it opens, or None.
        is_open: whether its text may be read; if not, `html` and `sections` are empty.
        questions: its myths.
    """

    anchor: str
    title: str
    level: str
    is_open: bool
    html: str = ""
    sections: tuple[ShownSection, ...] = ()
    prediction: ShownQuestion | None = None
    questions: tuple[ShownQuestion, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class StepMark:
    """One step on the map of a lesson.

    Attributes:
        anchor: where it is on the page; empty while it lies behind a prediction still to be made.
        title: empty until the step is open.
        is_here: whether it is the one that waits for its prediction.
    """

    number: int
    anchor: str
    title: str
    is_here: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """As much of a lesson as may be read.

    Attributes:
        steps: every step of the lesson, for the map.
        ahead: what follows the part that is still closed, without the titles that tell the answer.
        needs_start: whether there is a question next that can only be answered once begun.
        is_complete: whether every part is open.
    """

    parts: tuple[ShownPart, ...]
    steps: tuple[StepMark, ...]
    ahead: tuple[str, ...]
    needs_start: bool
    is_complete: bool


def show_why(library: Library, lesson: Lesson) -> tuple[ShownPart, ...]:
    """Return the parts that say why."""
    chosen = [part for part in lesson.parts if part.kind in _OF_WHY]
    return tuple(_open(library, part, index, {}) for index, part in enumerate(chosen))


def show_learning(
    library: Library, lesson: Lesson, questions: Mapping[str, ShownQuestion]
) -> Reading:
    """Return the parts to learn from.

    Args:
        library: where texts are rendered.
        lesson: the lesson.
        questions: the learner's predictions and myths by item key; empty before they began.
    """
    to_learn = [part for part in lesson.parts if part.kind not in _OF_WHY]
    shown: list[ShownPart] = []
    for index, part in enumerate(to_learn):
        if _is_closed(part, questions):
            closed = _close(part, index, questions, number=_count_steps(to_learn[: index + 1]))
            ahead = _describe_ahead(to_learn[index + 1 :])
            return Reading(
                parts=(*shown, closed),
                steps=_mark_steps(to_learn, (*shown, closed)),
                ahead=ahead,
                needs_start=closed.prediction is None,
                is_complete=False,
            )
        shown.append(_open(library, part, index, questions))
    needs_start = not questions and any(part.items for part in to_learn)
    return Reading(
        parts=tuple(shown),
        steps=_mark_steps(to_learn, shown),
        ahead=(),
        needs_start=needs_start,
        is_complete=True,
    )


def title_of(part: LessonPart) -> str:
    """Return a part's heading on the page."""
    if part.kind is PartKind.PITFALL:
        return f"Pitfall: {part.title}"
    return _TITLES.get(part.kind, part.title)


def _is_closed(part: LessonPart, questions: Mapping[str, ShownQuestion]) -> bool:
    if part.predict is None:
        return False
    question = questions.get(part.predict)
    return question is None or not question.is_done


def _count_steps(parts: Sequence[LessonPart]) -> int:
    return sum(part.kind is PartKind.STEP for part in parts)


def _mark_steps(parts: Sequence[LessonPart], shown: Sequence[ShownPart]) -> tuple[StepMark, ...]:
    """Return the steps in order; of those behind the last part shown nothing but the number."""
    places = [index for index, part in enumerate(parts) if part.kind is PartKind.STEP]
    return tuple(
        _mark_step(number, shown[place] if place < len(shown) else None)
        for number, place in enumerate(places, start=1)
    )


def _mark_step(number: int, part: ShownPart | None) -> StepMark:
    if part is None:
        return StepMark(number=number, anchor="", title="", is_here=False)
    return StepMark(
        number=number,
        anchor=part.anchor,
        title=part.title if part.is_open else "",
        is_here=not part.is_open,
    )


def _describe_ahead(parts: Sequence[LessonPart]) -> tuple[str, ...]:
    """Return the kinds of the parts in order, each once, with how many there are."""
    counts = Counter(part.kind for part in parts)
    return tuple(_name_kind(kind, count) for kind, count in counts.items())


def _name_kind(kind: PartKind, count: int) -> str:
    if kind not in _COUNTED:
        return _TITLES[kind]
    return f"{count} {_COUNTED[kind]}{'' if count == 1 else 's'}"


def _close(
    part: LessonPart, index: int, questions: Mapping[str, ShownQuestion], *, number: int
) -> ShownPart:
    return ShownPart(
        anchor=_anchor(part, index),
        title=f"Step {number}",
        level=part.level,
        is_open=False,
        prediction=questions.get(part.predict or ""),
    )


def _open(
    library: Library, part: LessonPart, index: int, questions: Mapping[str, ShownQuestion]
) -> ShownPart:
    return ShownPart(
        anchor=_anchor(part, index),
        title=title_of(part),
        level=part.level,
        is_open=True,
        html=library.html(part.text) if part.text.source and not part.items else "",
        sections=_show_sections(library, part),
        prediction=questions.get(part.predict or ""),
        questions=tuple(questions[key] for key in part.items if key in questions),
    )


def _show_sections(library: Library, part: LessonPart) -> tuple[ShownSection, ...]:
    """Return a pitfall's sections; what the right program does otherwise is marked in both."""
    rendered = {name: library.html(text) for name, text in part.sections}
    if {"Wrong", "Right"} <= rendered.keys():
        rendered["Wrong"], rendered["Right"] = mark_contrast(rendered["Wrong"], rendered["Right"])
    return tuple(ShownSection(name=name, html=html) for name, html in rendered.items())


def _anchor(part: LessonPart, index: int) -> str:
    return f"{part.kind.value}-{index + 1}"
