"""How far a learner has come: per lesson and mode, per exercise, per skill."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from quizzer.domain.items import Lesson
from quizzer.domain.mastery import SkillEstimate, estimate
from quizzer.domain.modes import MODES, SILENT_MODES, Mode, Selection
from quizzer.domain.selection import list_lesson_keys
from quizzer.services.reviewing import ALL_LESSONS
from quizzer.services.sitting import Library
from quizzer.store import skills
from quizzer.store.skills import ExerciseTried

__all__ = [
    "ExerciseTried",
    "LessonProgress",
    "ModeProgress",
    "Progress",
    "SkillEstimate",
    "get_progress",
]

Seen = Mapping[tuple[str, str], Mapping[str, float]]
"""The best score of each item answered, by lesson and mode."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ModeProgress:
    """One mode of one lesson.

    Attributes:
        seen: items answered at least once.
        right: those of them answered fully right at least once.
        total: items that the lesson has for the mode.
    """

    mode: str
    title: str
    seen: int
    right: int
    total: int


@dataclass(frozen=True, slots=True, kw_only=True)
class LessonProgress:
    """One lesson.

    Attributes:
        modes: those with questions, in the order of the table of modes.
        best_test: best score of a finished test in [0, 1], or None before the first.
        best_challenge: likewise of a challenge; 1 is its badge.
        exercises: those of the lesson that were tried.
    """

    lesson: str
    title: str
    modes: tuple[ModeProgress, ...]
    best_test: float | None
    best_challenge: float | None
    exercises: tuple[ExerciseTried, ...]

    @property
    def is_begun(self) -> bool:
        """Whether anything in it was answered or handed in."""
        return bool(self.exercises) or any(mode.seen for mode in self.modes)


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """What a learner has reached; `skills` by name, only those with evidence."""

    lessons: tuple[LessonProgress, ...]
    skills: tuple[SkillEstimate, ...]


def get_progress(session: Session, library: Library, *, user_id: int, now: datetime) -> Progress:
    """Return a learner's progress by now. Open tests do not show in it what they do not tell."""
    seen = skills.list_items_seen(session, user_id=user_id, silent_modes=SILENT_MODES)
    best = skills.list_best_scores(session, user_id=user_id, modes=("test", "challenge"))
    tried = skills.list_exercises_tried(session, user_id=user_id)
    lessons = tuple(
        LessonProgress(
            lesson=lesson.id,
            title=lesson.title,
            modes=_list_modes(library, lesson, seen),
            best_test=best.get(("test", lesson.id)),
            best_challenge=best.get(("challenge", lesson.id)),
            exercises=tuple(one for one in tried if one.exercise.split("/")[0] == lesson.id),
        )
        for lesson in library.lessons.values()
    )
    beliefs = skills.list_beliefs(session, user_id=user_id)
    return Progress(lessons=lessons, skills=tuple(estimate(belief, now) for belief in beliefs))


def _list_modes(library: Library, lesson: Lesson, seen: Seen) -> tuple[ModeProgress, ...]:
    return tuple(
        _count(
            mode,
            _list_keys(library, lesson, mode),
            {**seen.get((ALL_LESSONS, mode.name), {}), **seen.get((lesson.id, mode.name), {})},
        )
        for mode in MODES
        if mode.selection is not Selection.NONE
    )


def _list_keys(library: Library, lesson: Lesson, mode: Mode) -> frozenset[str]:
    if mode.selection is Selection.LESSON_ORDER:
        return frozenset(key for key in list_lesson_keys(lesson) if key in library.items)
    return library.list_keys(lesson.id, mode.name)


def _count(mode: Mode, keys: frozenset[str], best: Mapping[str, float]) -> ModeProgress:
    """Count what is still in the library; what was withdrawn no longer counts."""
    ours = [score for key, score in best.items() if key in keys]
    return ModeProgress(
        mode=mode.name,
        title=mode.title,
        seen=len(ours),
        right=sum(1 for score in ours if score >= 1.0),
        total=len(keys),
    )
