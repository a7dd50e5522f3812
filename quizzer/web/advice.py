"""What to do now: the first thing that a learner has not done yet, in the order of learning."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from quizzer.services.progress import LessonProgress, ModeProgress, Progress
from quizzer.services.submitting import Exercise

GOOD_SHARE = 0.8  # of a mode's questions, or of a test's points


@dataclass(frozen=True, slots=True, kw_only=True)
class Advice:
    """One thing to do.

    Attributes:
        endpoint, values: the address, as `url_for` takes them.
        is_form: whether it starts something and so has to be sent by a form.
    """

    title: str
    reason: str
    label: str
    endpoint: str
    values: Mapping[str, str]
    is_form: bool = False


def advise(progress: Progress, exercises: Sequence[Exercise]) -> Advice | None:
    """Return what to do now; None where there is nothing to learn from."""
    for lesson in progress.lessons:
        for advice in _advise_on(lesson, exercises):
            return advice
    return _practise_weakest(progress)


def find_next_mode(lesson: LessonProgress) -> str:
    """Return the mode to do next in a lesson: learn, practice or test."""
    counts = {mode.mode: mode for mode in lesson.modes}
    if any(_learn(lesson, counts.get("learn"))):
        return "learn"
    return "practice" if any(_practise(lesson, counts.get("practice"))) else "test"


def _advise_on(lesson: LessonProgress, exercises: Sequence[Exercise]) -> Iterator[Advice]:
    """Yield what is open in a lesson: learn, practise, exercises, test."""
    counts = {mode.mode: mode for mode in lesson.modes}
    yield from _learn(lesson, counts.get("learn"))
    yield from _practise(lesson, counts.get("practice"))
    yield from _solve(lesson, exercises)
    yield from _test(lesson, counts.get("test"))


def _learn(lesson: LessonProgress, count: ModeProgress | None) -> Iterator[Advice]:
    if count is None or count.seen >= count.total:
        return
    yield Advice(
        title=lesson.title,
        reason="Go on with the steps where you left them."
        if count.seen
        else "Build it up step by step, and say what you expect before each step opens.",
        label="Go on learning" if count.seen else "Begin",
        endpoint="lessons.learn",
        values={"lesson": lesson.lesson},
    )


def _practise(lesson: LessonProgress, count: ModeProgress | None) -> Iterator[Advice]:
    if count is None or count.right >= GOOD_SHARE * count.total:
        return
    yield Advice(
        title=f"Practise: {lesson.title}",
        reason=f"{count.right} of {count.total} right so far; a round has ten, with hints."
        if count.seen
        else "You have read it. What you can retrieve, you keep: a round of ten, with hints.",
        label="Practise",
        endpoint="attempts.start",
        values={"lesson": lesson.lesson, "mode": "practice"},
        is_form=True,
    )


def _solve(lesson: LessonProgress, exercises: Sequence[Exercise]) -> Iterator[Advice]:
    solved = {tried.exercise for tried in lesson.exercises if tried.best_score >= 1.0}
    for exercise in exercises:
        if exercise.lesson == lesson.lesson and exercise.key not in solved:
            yield Advice(
                title=f"Mend it: {exercise.title}",
                reason="Put it into code, and have it checked.",
                label="Open the exercise",
                endpoint="exercises.show",
                values={"lesson": exercise.lesson, "name": exercise.id},
            )


def _test(lesson: LessonProgress, count: ModeProgress | None) -> Iterator[Advice]:
    if count is None or not count.total or (lesson.best_test or 0.0) >= GOOD_SHARE:
        return
    yield Advice(
        title=f"Test yourself: {lesson.title}",
        reason="Ten questions, one try each, twenty minutes."
        if lesson.best_test is None
        else f"Your best so far is {round(lesson.best_test * 100)} %.",
        label="Take the test",
        endpoint="attempts.start",
        values={"lesson": lesson.lesson, "mode": "test"},
        is_form=True,
    )


def _practise_weakest(progress: Progress) -> Advice | None:
    if not progress.lessons:
        return None
    skill = min(progress.skills, key=lambda one: one.expected, default=None)
    lesson = progress.lessons[-1]
    return Advice(
        title="Keep it alive",
        reason=f"All lessons are done. Your least certain skill is {skill.skill}."
        if skill
        else "All lessons are done.",
        label="Practise",
        endpoint="attempts.start",
        values={"lesson": lesson.lesson, "mode": "practice"},
        is_form=True,
    )
