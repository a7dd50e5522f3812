"""A lesson at a glance: its ways to learn, in three groups, each with how far the learner is."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from flask import url_for

from quizzer.domain.items import Lesson
from quizzer.domain.modes import MODES, Mode, Selection
from quizzer.services import visualizing
from quizzer.services.progress import LessonProgress, ModeProgress
from quizzer.services.resuming import OpenAttempt
from quizzer.services.reviewing import Queue
from quizzer.services.submitting import Exercise
from quizzer.web.places import name_parts

GROUPS: Mapping[str, tuple[str, ...]] = {
    "Understand": ("why", "learn", "visualize"),
    "Practise": ("practice", "try", "metrics", "project", "review"),
    "Prove": ("challenge", "test"),
}
_ASKING = ("visualize", "practice", "try", "metrics")  # whose right answers are counted
_LABELS = {
    "why": "Read",
    "visualize": "Turn the knobs",
    "practice": "Practise",
    "try": "Try it",
    "metrics": "Read the numbers",
    "project": "Write code",
    "review": "Review",
    "challenge": "Take the challenge",
    "test": "Take the test",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ModeRow:
    """One way to learn the lesson.

    Attributes:
        address: empty where a form has to start an attempt.
        note: how far the learner is with it; empty before anything.
        reached, total: the same as a share, where there is something to count; total 0 where not.
        is_next: whether it is the one to do now.
    """

    mode: Mode
    address: str
    label: str
    note: str
    reached: int
    total: int
    is_next: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ModeGroup:
    """The ways to learn that serve one purpose."""

    title: str
    rows: tuple[ModeRow, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How far a learner is in one lesson.

    Attributes:
        left_open: their attempts in it that can be gone on with.
        queue: what of it may be reviewed now.
        exercises: those of the lesson's project.
    """

    done: LessonProgress
    left_open: tuple[OpenAttempt, ...]
    queue: Queue
    exercises: tuple[Exercise, ...]

    def find_count(self, mode: Mode) -> ModeProgress | None:
        """Return what is counted of a mode, or None where it has no questions here."""
        counted = (one for one in self.done.modes if one.mode == mode.name and one.total)
        return next(counted, None)


def make_standing(
    lesson: str,
    done: LessonProgress,
    left_open: Sequence[OpenAttempt],
    queue: Queue,
    project: Sequence[Exercise],
    *,
    lesson_of: Mapping[str, str],
) -> Standing:
    """Return how far a learner is in one lesson.

    `lesson_of` has the lesson of each bank, by its id.
    """
    waiting = (one for one in queue.items if lesson_of.get(one.item.bank) == lesson)
    programs = (key for key in queue.exercises if key.startswith(f"{lesson}/"))
    return Standing(
        done=done,
        left_open=tuple(left for left in left_open if left.lesson == lesson),
        queue=replace(queue, items=tuple(waiting), exercises=tuple(programs)),
        exercises=tuple(project),
    )


def sum_up(done: LessonProgress, project: Sequence[Exercise]) -> str:
    """Return one line on how far a learner is in a lesson."""
    if not done.is_begun:
        return "Not begun yet"
    by_mode = {one.mode: one for one in done.modes}
    learned, asked = by_mode.get("learn"), [by_mode.get(name) for name in _ASKING]
    counted = [one for one in asked if one is not None and one.total]
    right, total = sum(one.right for one in counted), sum(one.total for one in counted)
    passed = _count_passed(done, project)
    parts = [f"{learned.seen} of {learned.total} predictions"] if learned and learned.total else []
    parts += [f"{right} of {total} questions right"] if total else []
    parts += [f"{passed} of {len(project)} exercises done"] if project else []
    parts += [] if done.best_test is None else [f"best test {round(done.best_test * 100)} %"]
    return ", ".join(parts)


def list_groups(lesson: Lesson, standing: Standing, *, next_mode: str) -> tuple[ModeGroup, ...]:
    """Return the ways to learn a lesson; those that have nothing in it are left out."""
    modes = {mode.name: mode for mode in MODES if _is_offered(mode, lesson, standing)}
    return tuple(
        ModeGroup(
            title=title,
            rows=tuple(
                _make_row(modes[name], lesson, standing, is_next=name == next_mode)
                for name in names
                if name in modes
            ),
        )
        for title, names in GROUPS.items()
        if any(name in modes for name in names)
    )


def _is_offered(mode: Mode, lesson: Lesson, standing: Standing) -> bool:
    """Whether there is anything to read, to look at, to write or to answer in that mode."""
    if mode.name == "project":
        return bool(standing.exercises)
    if mode.name == visualizing.MODE and visualizing.has_traces(lesson):
        return True
    if mode.selection is Selection.LESSON_ORDER:
        return bool(name_parts(lesson))
    return mode.name == "why" or standing.find_count(mode) is not None


def _make_row(mode: Mode, lesson: Lesson, standing: Standing, *, is_next: bool) -> ModeRow:
    left = next((one for one in standing.left_open if one.mode == mode.name), None)
    reached, total = _count(mode, standing)
    return ModeRow(
        mode=mode,
        address=url_for("attempts.show", attempt_id=left.attempt_id)
        if left
        else _find_address(mode, lesson),
        label=_find_label(mode, standing, left),
        note=_describe_left(left) if left else _note(mode, standing, reached, total),
        reached=reached,
        total=total,
        is_next=is_next,
    )


def _describe_left(left: OpenAttempt) -> str:
    return f"Begun: {left.waiting} of {left.total} questions still open"


def _find_label(mode: Mode, standing: Standing, left: OpenAttempt | None) -> str:
    if left is not None:
        return "See the result" if left.is_over else "Go on"
    if mode.selection is Selection.LESSON_ORDER:
        counted = standing.find_count(mode)
        if not counted or not counted.seen:
            return "Begin"
        return "Read it again" if counted.seen >= counted.total else "Go on"
    return _LABELS[mode.name]


def _find_address(mode: Mode, lesson: Lesson) -> str:
    if mode.selection is Selection.DUE:
        return url_for("review.show")
    if mode.name == "why":
        return url_for("lessons.why", lesson=lesson.id)
    if mode.name == "project":
        return url_for("projects.show", lesson=lesson.id)
    if mode.selection is Selection.LESSON_ORDER:
        return url_for("learn.resume", lesson=lesson.id)
    if mode.name == visualizing.MODE and visualizing.has_traces(lesson):
        return url_for("visualize.show", lesson=lesson.id)
    return ""


def _count(mode: Mode, standing: Standing) -> tuple[int, int]:
    """Return how much of how much is reached, for a bar; (0, 0) where that says nothing."""
    if mode.name == "project":
        return _count_passed(standing.done, standing.exercises), len(standing.exercises)
    counted = standing.find_count(mode)
    if counted is None or not (mode.is_round or mode.selection is Selection.LESSON_ORDER):
        return 0, 0
    if mode.selection is Selection.DUE or mode.item_time_s is not None:
        return 0, 0
    reached = counted.seen if mode.selection is Selection.LESSON_ORDER else counted.right
    if mode.selection is Selection.CLOSING and mode.size:
        return min(reached, mode.size), min(counted.total, mode.size)
    return reached, counted.total


def _note(mode: Mode, standing: Standing, reached: int, total: int) -> str:
    if mode.name in _NOTES:
        return _NOTES[mode.name](standing)
    counted = standing.find_count(mode)
    if counted is None or not counted.seen:
        return ""
    is_walk = mode.selection is Selection.LESSON_ORDER
    return f"{reached} of {total} {'predictions made' if is_walk else 'right so far'}"


def _note_project(standing: Standing) -> str:
    total = len(standing.exercises)
    if not standing.done.exercises:
        return f"{total} exercise{'' if total == 1 else 's'}"
    return f"{_count_passed(standing.done, standing.exercises)} of {total} pass all checks"


def _note_review(standing: Standing) -> str:
    new = standing.queue.new
    due = standing.queue.due
    if due:
        return f"{due} due today" + (f", {new} of them new" if new else "")
    return "Nothing due now" if standing.done.is_begun else ""


def _note_challenge(standing: Standing) -> str:
    best = standing.done.best_challenge
    if best is None:
        return ""
    return "★ Badge earned" if best >= 1.0 else f"Best so far: {round(best * 100)} %"


def _note_test(standing: Standing) -> str:
    best = standing.done.best_test
    return "" if best is None else f"Best test: {round(best * 100)} %"


def _count_passed(done: LessonProgress, project: Sequence[Exercise]) -> int:
    best = {tried.exercise: tried.best_score for tried in done.exercises}
    return sum(1 for one in project if best.get(one.key, 0.0) >= 1.0)


_NOTES: Mapping[str, Callable[[Standing], str]] = {
    "project": _note_project,
    "review": _note_review,
    "challenge": _note_challenge,
    "test": _note_test,
}
