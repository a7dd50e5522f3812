"""The places on the walk through a lesson: where each is, what may be opened, what is done.

A place is closed until its prediction is committed, and those behind it cannot be gone to. Of both
nothing is in these values but their kind: a title says what a step found out.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from quizzer.domain.items import Lesson, LessonPart, PartKind
from quizzer.web.reading import OF_WHY, name_kind, title_of

_NUMBERED = (PartKind.STEP, PartKind.PITFALL)


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """One place on the walk, as its list names it.

    Attributes:
        name: what its address ends in, such as `step-3`.
        title: of a step that is not open only its number.
        step: its number among the steps, or 0 for what is no step.
        is_open: whether it may be read.
        is_done: whether the learner has come past it, and answered what it asks.
    """

    name: str
    title: str
    step: int
    is_open: bool
    is_done: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """The walk as one learner has it.

    Attributes:
        places: those that can be gone to; the last of them may wait for its prediction.
        ahead: what follows those, in words that tell nothing.
        total, steps: how many places and steps there are in all.
        left_off: name of the place that the learner came to last.
    """

    places: tuple[Place, ...]
    ahead: tuple[str, ...]
    total: int
    steps: int
    left_off: str

    @property
    def done(self) -> int:
        """How many places are done."""
        return sum(place.is_done for place in self.places)

    def find(self, name: str) -> Place | None:
        """Return the place of that name, or None where it cannot be gone to."""
        return next((place for place in self.places if place.name == name), None)

    def find_neighbours(self, name: str) -> tuple[Place | None, Place | None]:
        """Return the places before and after one that can be gone to."""
        names = [place.name for place in self.places]
        here = names.index(name)
        before = self.places[here - 1] if here else None
        return before, self.places[here + 1] if here + 1 < len(names) else None


def name_parts(lesson: Lesson) -> dict[str, LessonPart]:
    """Return the parts to learn from, in their order, by the names of their places."""
    counts: Counter[PartKind] = Counter()
    named: dict[str, LessonPart] = {}
    for part in lesson.parts:
        if part.kind not in OF_WHY:
            counts[part.kind] += 1
            number = f"-{counts[part.kind]}" if part.kind in _NUMBERED else ""
            named[f"{part.kind.value}{number}"] = part
    return named


def list_keys(part: LessonPart) -> tuple[str, ...]:
    """Return the keys of the questions that a part asks: its prediction, or its myths."""
    return (part.predict, *part.items) if part.predict else part.items


def find_name(parts: Mapping[str, LessonPart], key: str) -> str | None:
    """Return the name of the place that asks a question, or None."""
    return next((name for name, part in parts.items() if key in list_keys(part)), None)


def make_way(
    parts: Mapping[str, LessonPart], answered: Collection[str], *, seen: Collection[str] = ()
) -> Way | None:
    """Return the walk of a learner; None where a lesson has nothing to learn from.

    Args:
        parts: of the lesson, by the names of their places.
        answered: keys of the questions that the learner has answered.
        seen: names of the places that they have looked at, as far as this browser knows.
    """
    names, listed = list(parts), list(parts.values())
    if not names:
        return None
    first_closed = _find_first_closed(listed, answered)
    open_to = min(first_closed, len(names) - 1)
    furthest = min(open_to, _find_furthest(names, listed, answered, seen))
    return Way(
        places=tuple(
            _make_place(
                name,
                part,
                step=_count_steps(listed[: index + 1]) if part.kind is PartKind.STEP else 0,
                is_open=index < first_closed,
                # There is nothing after the last by which to tell, so coming to it will do.
                is_done=(index < furthest or index == furthest == len(names) - 1)
                and _is_met(name, part, answered, seen),
            )
            for index, (name, part) in enumerate(zip(names, listed, strict=True))
            if index <= open_to
        ),
        ahead=_describe(listed[open_to + 1 :]),
        total=len(names),
        steps=_count_steps(listed),
        left_off=names[furthest],
    )


def _make_place(name: str, part: LessonPart, *, step: int, is_open: bool, is_done: bool) -> Place:
    return Place(
        name=name,
        title=title_of(part) if is_open else f"Step {step}",
        step=step,
        is_open=is_open,
        is_done=is_done,
    )


def _find_first_closed(parts: Sequence[LessonPart], answered: Collection[str]) -> int:
    """Return the index of the first part that waits for its prediction; behind all if none does."""
    waiting = (i for i, part in enumerate(parts) if part.predict and part.predict not in answered)
    return next(waiting, len(parts))


def _is_met(name: str, part: LessonPart, answered: Collection[str], seen: Collection[str]) -> bool:
    """Whether all that a part asks is answered; if it asks nothing, whether it was looked at."""
    keys = list_keys(part)
    return all(key in answered for key in keys) if keys else name in seen


def _find_furthest(
    names: Sequence[str],
    parts: Sequence[LessonPart],
    answered: Collection[str],
    seen: Collection[str],
) -> int:
    """Return the index of the last part that was looked at here, or answered anywhere."""
    met = [i for i, part in enumerate(parts) if any(key in answered for key in list_keys(part))]
    return max([0, *met, *(i for i, name in enumerate(names) if name in seen)])


def _count_steps(parts: Iterable[LessonPart]) -> int:
    return sum(part.kind is PartKind.STEP for part in parts)


def _describe(parts: Iterable[LessonPart]) -> tuple[str, ...]:
    """Return the kinds of parts in order, each once, with how many there are."""
    counts = Counter(part.kind for part in parts)
    return tuple(name_kind(kind, count) for kind, count in counts.items())
