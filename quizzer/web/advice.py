"""What to do now: what is running, then what is not done yet, in the order of learning."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice

from quizzer.services.progress import LessonProgress, ModeProgress, Progress
from quizzer.services.resuming import OpenAttempt
from quizzer.services.submitting import Exercise

GOOD_SHARE = 0.8  # of a mode's questions, or of a test's points
ROUND = 10  # questions of practice after which code is worth a try
MOST_PIECES = 3  # the thing to do now, and what else could be done


@dataclass(frozen=True, slots=True, kw_only=True)
class Advice:
    """One thing to do.

    Attributes:
        endpoint, values: the address, as `url_for` takes them.
        is_form: whether it starts something and so has to be sent by a form.
        seconds_left: until it ends by itself, or None.
    """

    title: str
    reason: str
    label: str
    endpoint: str
    values: Mapping[str, str]
    is_form: bool = False
    seconds_left: int | None = None


def advise(
    progress: Progress, exercises: Sequence[Exercise], left_open: Sequence[OpenAttempt]
) -> tuple[Advice, ...]:
    """Return what to do now and, after it, what else could be done; empty without lessons."""
    return tuple(islice(_advise(progress, exercises, left_open), MOST_PIECES))


def find_next_mode(lesson: LessonProgress) -> str:
    """Return the mode to do next in a lesson: learn, practice or test."""
    counts = {mode.mode: mode for mode in lesson.modes}
    if any(_learn(lesson, counts.get("learn"))):
        return "learn"
    return "practice" if any(_practise(lesson, counts.get("practice"), None)) else "test"


def advise_on_test(left: OpenAttempt, title: str) -> Advice:
    """Return how to go on with a test that was begun in the lesson of that title."""
    return Advice(
        title=f"Your test is {'over' if left.is_over else 'running'}: {title}",
        reason=_describe_test(left),
        label="See the result" if left.is_over else "Go on",
        endpoint="attempts.show",
        values={"attempt_id": str(left.attempt_id)},
        seconds_left=None if left.is_over else left.seconds_left,
    )


def _describe_test(left: OpenAttempt) -> str:
    if left.is_over:
        return "Its time is up. See how it went."
    if not left.waiting:
        return "All is answered; it waits to be handed in."
    return (
        f"{left.waiting} of {left.total} still open, and what is open at the end counts as missed."
    )


def _advise(
    progress: Progress, exercises: Sequence[Exercise], left_open: Sequence[OpenAttempt]
) -> Iterator[Advice]:
    titles = {lesson.lesson: lesson.title for lesson in progress.lessons}
    tests = [left for left in left_open if left.seconds_left is not None and left.lesson in titles]
    yield from (advise_on_test(left, titles[left.lesson]) for left in tests)
    rounds = {left.lesson: left for left in left_open if left.mode == "practice"}
    tested = {left.lesson for left in tests}
    is_done = True
    for lesson in progress.lessons:
        for advice in _advise_on(lesson, exercises, rounds.get(lesson.lesson), tested):
            is_done = False
            yield advice
    if is_done:
        yield from _practise_weakest(progress, rounds)


def _advise_on(
    lesson: LessonProgress,
    exercises: Sequence[Exercise],
    left: OpenAttempt | None,
    tested: set[str],
) -> Iterator[Advice]:
    """Yield what is open in a lesson: learn, a first round, exercises, more rounds, test.

    Code is not put off until nearly all questions are right: whoever came to write some would
    never be shown to it.
    """
    counts = {mode.mode: mode for mode in lesson.modes}
    practice = counts.get("practice")
    has_had_a_round = practice is None or practice.seen >= min(ROUND, practice.total)
    yield from _learn(lesson, counts.get("learn"))
    if has_had_a_round and left is None:
        yield from islice(_solve(lesson, exercises), 1)
        yield from _practise(lesson, practice, left)
    else:
        yield from _practise(lesson, practice, left)
        yield from islice(_solve(lesson, exercises), 1)
    if lesson.lesson not in tested:
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
        values={"lesson": lesson.lesson} | ({"_anchor": "open-step"} if count.seen else {}),
    )


def _practise(
    lesson: LessonProgress, count: ModeProgress | None, left: OpenAttempt | None
) -> Iterator[Advice]:
    if left is not None:
        yield _go_on_with_round(lesson, left)
    elif count is not None and count.right < GOOD_SHARE * count.total:
        yield Advice(
            title=f"Practise: {lesson.title}",
            reason=f"{count.right} of {count.total} right so far; a round has ten, with hints."
            if count.seen
            else "What you can retrieve, you keep: a round of ten, with hints.",
            label="Practise",
            endpoint="attempts.start",
            values={"lesson": lesson.lesson, "mode": "practice"},
            is_form=True,
        )


def _go_on_with_round(lesson: LessonProgress, left: OpenAttempt) -> Advice:
    return Advice(
        title=f"Your round of practice: {lesson.title}",
        reason=f"{left.waiting} of {left.total} questions still to get right.",
        label="Go on practising",
        endpoint="attempts.show",
        values={"attempt_id": str(left.attempt_id)},
    )


def _solve(lesson: LessonProgress, exercises: Sequence[Exercise]) -> Iterator[Advice]:
    best = {tried.exercise: tried.best_score for tried in lesson.exercises}
    ours = [exercise for exercise in exercises if exercise.lesson == lesson.lesson]
    for exercise in sorted(ours, key=lambda one: (one.difficulty, one.key)):
        if best.get(exercise.key, 0.0) < 1.0:
            yield Advice(
                title=f"Mend it: {exercise.title}",
                reason="You have begun it; not all checks pass yet."
                if exercise.key in best
                else "Put it into code, and have it checked.",
                label="Go on with the exercise" if exercise.key in best else "Open the exercise",
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


def _practise_weakest(progress: Progress, rounds: Mapping[str, OpenAttempt]) -> Iterator[Advice]:
    if not progress.lessons:
        return
    skill = min(progress.skills, key=lambda one: one.expected, default=None)
    lesson = progress.lessons[-1]
    if lesson.lesson in rounds:
        yield _go_on_with_round(lesson, rounds[lesson.lesson])
        return
    yield Advice(
        title="Keep it alive",
        reason=f"All lessons are done. Your least certain skill is {skill.skill}."
        if skill
        else "All lessons are done.",
        label="Practise",
        endpoint="attempts.start",
        values={"lesson": lesson.lesson, "mode": "practice"},
        is_form=True,
    )
