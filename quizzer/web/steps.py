"""The way through a lesson: understand it, practise it, prove it, one step at a time."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice

from quizzer.services import reviewing
from quizzer.services.progress import LessonProgress, ModeProgress
from quizzer.services.submitting import Exercise

GOOD_SHARE = 0.8  # of a mode's questions, or of a test's points
ROUND = 10  # questions of practice after which code is worth a try


@dataclass(frozen=True, slots=True, kw_only=True)
class Advice:
    """One thing to do.

    Attributes:
        mode: name of the mode that it is in.
        endpoint, values: the address, as `url_for` takes them.
        is_form: whether it starts something and so has to be sent by a form.
        seconds_left: until it ends by itself, or None.
    """

    mode: str
    title: str
    reason: str
    label: str
    endpoint: str
    values: Mapping[str, str]
    is_form: bool = False
    seconds_left: int | None = None


def list_steps(
    lesson: LessonProgress, exercises: Sequence[Exercise], *, has_new_cards: bool = False
) -> Iterator[Advice]:
    """Yield what is not done in a lesson yet, the next thing first.

    Code is not put off until nearly all questions are right: whoever came to write some would
    never be shown to it. New cards come once there is something to recall, after a first round.
    """
    counts = {mode.mode: mode for mode in lesson.modes if mode.total}
    practice = counts.get("practice")
    has_practised = practice is None or practice.seen >= min(ROUND, practice.total)
    code = _solve(lesson, exercises)
    reading = list(_read(lesson, counts.get("learn")))
    yield from reading
    if not reading:
        yield from _look(lesson, counts.get("visualize"))
    if has_practised:
        if has_new_cards and lesson.is_begun:
            yield _make_place_for_cards()
        yield from islice(code, 1)
    yield from _practise(lesson, practice)
    if not has_practised:
        yield from islice(code, 1)
    yield from _work_on(lesson, counts.get("try"), _TRY)
    yield from _work_on(lesson, counts.get("metrics"), _METRICS)
    yield from islice(code, 1)
    yield from _challenge(lesson, counts.get("challenge"))
    yield from _test(lesson, counts.get("test"))


_TRY = ("Try it: {title}", "Put lines in order and fill in what is missing.", "Try it")
_METRICS = ("Read the numbers: {title}", "Curves and tables of real runs: decide.", "Begin")


def _read(lesson: LessonProgress, count: ModeProgress | None) -> Iterator[Advice]:
    """Yield the way into a lesson, then the steps that are not open yet."""
    if lesson.is_begun:
        yield from _learn(lesson, count)
    else:
        yield Advice(
            mode="why",
            title=lesson.title,
            reason="Begin with the problem and its remedy, in a few minutes of reading.",
            label="Begin",
            endpoint="lessons.why",
            values={"lesson": lesson.lesson},
        )


def _learn(lesson: LessonProgress, count: ModeProgress | None) -> Iterator[Advice]:
    if count is None or count.seen >= count.total:
        return
    yield Advice(
        mode="learn",
        title=lesson.title if count.seen else f"Learn: {lesson.title}",
        reason="Go on with the steps where you left them."
        if count.seen
        else "Build it up step by step, and say what you expect before each step opens.",
        label="Go on learning" if count.seen else "Learn",
        endpoint="learn.resume",
        values={"lesson": lesson.lesson},
    )


def _look(lesson: LessonProgress, count: ModeProgress | None) -> Iterator[Advice]:
    if count is not None and not count.seen:
        yield Advice(
            mode="visualize",
            title=f"See it happen: {lesson.title}",
            reason="Turn the knobs of runs that were really made, then answer three questions.",
            label="Turn the knobs",
            endpoint="visualize.show",
            values={"lesson": lesson.lesson},
        )


def _make_place_for_cards() -> Advice:
    """Return where new cards belong; whoever knows how many there are puts it in words."""
    return Advice(
        mode=reviewing.MODE,
        title="Review",
        reason="Recall from memory; each comes back when it is worth it.",
        label="Review",
        endpoint="review.show",
        values={},
    )


def _practise(lesson: LessonProgress, count: ModeProgress | None) -> Iterator[Advice]:
    if count is None or count.right >= GOOD_SHARE * count.total:
        return
    yield _start(
        lesson,
        "practice",
        title=f"Practise: {lesson.title}",
        reason=f"{count.right} of {count.total} right so far; a round has ten, with hints."
        if count.seen
        else "What you can retrieve, you keep: a round of ten, with hints.",
        label="Practise",
    )


def _work_on(
    lesson: LessonProgress, count: ModeProgress | None, words: tuple[str, str, str]
) -> Iterator[Advice]:
    if count is None or count.right >= GOOD_SHARE * count.total:
        return
    title, reason, label = words
    yield _start(
        lesson,
        count.mode,
        title=title.format(title=lesson.title),
        reason=f"{count.right} of {count.total} right so far." if count.seen else reason,
        label=label,
    )


def _solve(lesson: LessonProgress, exercises: Iterable[Exercise]) -> Iterator[Advice]:
    best = {tried.exercise: tried.best_score for tried in lesson.exercises}
    ours = [exercise for exercise in exercises if exercise.lesson == lesson.lesson]
    for exercise in sorted(ours, key=lambda one: (one.difficulty, one.key)):
        if best.get(exercise.key, 0.0) < 1.0:
            yield Advice(
                mode="project",
                title=f"Write the code: {exercise.title}",
                reason="You have begun it; not all checks pass yet."
                if exercise.key in best
                else "Put it into code, and have it checked.",
                label="Go on with the exercise" if exercise.key in best else "Open the exercise",
                endpoint="exercises.show",
                values={"lesson": exercise.lesson, "name": exercise.id},
            )


def _challenge(lesson: LessonProgress, count: ModeProgress | None) -> Iterator[Advice]:
    if count is None or (lesson.best_challenge or 0.0) >= 1.0:
        return
    yield _start(
        lesson,
        "challenge",
        title=f"Challenge: {lesson.title}",
        reason="Five questions against the clock, for a badge and no marks.",
        label="Take the challenge",
    )


def _test(lesson: LessonProgress, count: ModeProgress | None) -> Iterator[Advice]:
    if count is None or (lesson.best_test or 0.0) >= GOOD_SHARE:
        return
    yield _start(
        lesson,
        "test",
        title=f"Test yourself: {lesson.title}",
        reason="Ten questions, one try each, in 20 minutes that begin at once."
        if lesson.best_test is None
        else f"Your best so far is {round(lesson.best_test * 100)} %.",
        label="Take the test",
    )


def _start(lesson: LessonProgress, mode: str, *, title: str, reason: str, label: str) -> Advice:
    return Advice(
        mode=mode,
        title=title,
        reason=reason,
        label=label,
        endpoint="attempts.start",
        values={"lesson": lesson.lesson, "mode": mode},
        is_form=True,
    )
