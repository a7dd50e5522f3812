"""The project of a lesson: its exercises, how far a learner is with each, and which one is next."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy.orm import Session

from quizzer.domain.items import Kind
from quizzer.services.inline import find_exercise_key
from quizzer.services.sitting import Library
from quizzer.services.submitting import Exercise, Exercises
from quizzer.store import skills

MODE = "project"


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """One exercise of a project.

    Attributes:
        tries: how many attempts were graded.
        best: the best score of those that count, in [0, 1]; None before the first.
    """

    exercise: Exercise
    tries: int
    best: float | None

    @property
    def is_solved(self) -> bool:
        """Whether an attempt that counts passed every check."""
        return self.best == 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Project:
    """The exercises of a lesson, the easiest first.

    Attributes:
        next: what was begun and is not solved, the furthest first; else the easiest that was not
            begun. None where all are solved.
    """

    tasks: tuple[Task, ...]
    next: Task | None

    @property
    def solved(self) -> int:
        """How many are solved."""
        return sum(task.is_solved for task in self.tasks)


def get_project(
    session: Session,
    library: Library,
    exercises: Exercises,
    listed: Exercises,
    *,
    lesson: str,
    user_id: int | None,
) -> Project:
    """Return the project of a lesson.

    Args:
        session: to look up what was handed in.
        library: the banks; their code items of this mode belong to it as well.
        exercises: all in service.
        listed: those of them that are offered by themselves.
        lesson: its id.
        user_id: None for a visitor, who has tried nothing.
    """
    ours = list_project_exercises(library, exercises, listed, lesson=lesson)
    found = [] if user_id is None else skills.list_exercises_tried(session, user_id=user_id)
    tried = {one.exercise: one for one in found}
    tasks = [
        Task(
            exercise=one,
            tries=tried[one.key].tries if one.key in tried else 0,
            best=tried[one.key].best_score if one.key in tried else None,
        )
        for one in ours
    ]
    return Project(tasks=tuple(tasks), next=_find_next(tasks))


def list_project_exercises(
    library: Library, exercises: Exercises, listed: Exercises, *, lesson: str
) -> tuple[Exercise, ...]:
    """Return the exercises of a lesson's project, the easiest first; see `get_project`."""
    keys = {key for key, one in listed.items() if one.lesson == lesson}
    items = library.list_items(lesson, MODE)
    keys |= {find_exercise_key(item, lesson) for item in items if item.kind is Kind.CODE}
    found = (exercises[key] for key in keys & exercises.keys())
    return tuple(sorted(found, key=lambda one: (one.difficulty, one.key)))


def _find_next(tasks: list[Task]) -> Task | None:
    begun = [task for task in tasks if task.best is not None and not task.is_solved]
    if begun:
        return max(begun, key=lambda task: task.best or 0.0)
    return next((task for task in tasks if task.best is None), None)
