"""What to do now: what is running, what is due, what is open, then what is not done yet.

`steps` has the order within one lesson.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice

from quizzer.domain.modes import find_mode
from quizzer.services import reviewing
from quizzer.services.progress import LessonProgress, Progress
from quizzer.services.resuming import OpenAttempt
from quizzer.services.reviewing import Queue
from quizzer.services.submitting import Exercise
from quizzer.web.steps import Advice, list_steps
from quizzer.web.words import name_skill

MOST_PIECES = 3  # the thing to do now, and what else could be done


def advise(
    progress: Progress,
    exercises: Sequence[Exercise],
    left_open: Sequence[OpenAttempt],
    queue: Queue,
) -> tuple[Advice, ...]:
    """Return what to do now and, after it, what else could be done; empty without lessons."""
    return tuple(islice(_advise(progress, exercises, left_open, queue), MOST_PIECES))


def advise_on_test(left: OpenAttempt, title: str) -> Advice:
    """Return how to go on with a test that was begun in the lesson of that title."""
    return Advice(
        mode=left.mode,
        title=f"Your test is {'over' if left.is_over else 'running'}: {title}",
        reason=_describe_test(left),
        label="See the result" if left.is_over else "Go on",
        endpoint="attempts.show",
        values={"attempt_id": str(left.attempt_id)},
        seconds_left=None if left.is_over else left.seconds_left,
    )


def _advise_on_challenge(left: OpenAttempt, title: str) -> Advice:
    return Advice(
        mode=left.mode,
        title=f"Your challenge is running: {title}",
        reason="for the question that is open.",
        label="Go on",
        endpoint="attempts.show",
        values={"attempt_id": str(left.attempt_id)},
        seconds_left=left.clock_s,
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
    progress: Progress,
    exercises: Sequence[Exercise],
    left_open: Sequence[OpenAttempt],
    queue: Queue,
) -> Iterator[Advice]:
    titles = {lesson.lesson: lesson.title for lesson in progress.lessons}
    ours = [left for left in left_open if left.lesson in titles]
    yield from (
        advise_on_test(left, titles[left.lesson]) for left in ours if left.seconds_left is not None
    )
    yield from (
        _advise_on_challenge(left, titles[left.lesson]) for left in ours if left.clock_s is not None
    )
    if any(left.clock_s or left.seconds_left for left in ours):
        return  # against a clock there is nothing else to do
    yield from _review(queue, left_open)
    # The round that was begun last is the one that the learner has in mind; one whose questions
    # start a clock when they are opened can wait until they are.
    rounds = [left for left in reversed(ours) if left.seconds_left is None]
    rounds.sort(key=lambda left: left.mode == "challenge")
    yield from (_go_on(left, titles[left.lesson]) for left in rounds)
    has_only_new = queue.due == queue.new  # else the way to them has been named already
    is_done = True
    for lesson in _sort(progress.lessons):
        for advice in _advise_on(lesson, exercises, ours, queue if has_only_new else None):
            is_done = False
            yield advice
    if is_done:
        yield from _keep_alive(progress, ours)


def _sort(lessons: Sequence[LessonProgress]) -> list[LessonProgress]:
    """Return the lessons in which something was begun, then the others, each in their order."""
    return sorted(lessons, key=lambda lesson: not lesson.is_begun)


def _advise_on(
    lesson: LessonProgress,
    exercises: Sequence[Exercise],
    left_open: Sequence[OpenAttempt],
    queue: Queue | None,
) -> Iterator[Advice]:
    """Yield what is next in a lesson; what is open in it has been named already."""
    open_modes = {left.mode for left in left_open if left.lesson == lesson.lesson}
    for step in list_steps(lesson, exercises, has_new_cards=bool(queue and queue.new)):
        if queue is not None and step.mode == reviewing.MODE:
            yield _meet_new_cards(queue)
        elif step.mode not in open_modes:
            yield step


def _review(queue: Queue, left_open: Sequence[OpenAttempt]) -> Iterator[Advice]:
    """Yield what was met before and is due; cards that are new have their place in a lesson."""
    left = next((left for left in left_open if left.mode == reviewing.MODE), None)
    due = queue.due - queue.new
    if left is not None:
        yield _make_review(
            "Your round of review",
            f"{left.waiting} of {left.total} still to answer.",
            "Go on reviewing",
        )
    elif due:
        surprises = queue.confident_errors
        first = f" What surprised you comes first: {surprises}." if surprises else ""
        yield _make_review(
            f"Review: {queue.due} due today",
            f"They come back shortly before they would be forgotten.{first}",
            "Review",
        )


def _meet_new_cards(queue: Queue) -> Advice:
    return _make_review(
        f"Review: {queue.new} new card{'' if queue.new == 1 else 's'}",
        "Recall them from memory; each comes back when it is worth it.",
        "Review",
    )


def _make_review(title: str, reason: str, label: str) -> Advice:
    return Advice(
        mode=reviewing.MODE,
        title=title,
        reason=reason,
        label=label,
        endpoint="review.show",
        values={},
    )


def _go_on(left: OpenAttempt, title: str) -> Advice:
    mode = find_mode(left.mode)
    name = mode.title if mode else left.mode
    still = "to get right" if mode and mode.tries is None else "open"
    is_practice = left.mode == "practice"
    return Advice(
        mode=left.mode,
        title=f"{'Your round of practice' if is_practice else f'Begun: {name}'}: {title}",
        reason=f"{left.waiting} of {left.total} questions still {still}.",
        label="Go on practising" if is_practice else "Go on",
        endpoint="attempts.show",
        values={"attempt_id": str(left.attempt_id)},
    )


def _keep_alive(progress: Progress, left_open: Sequence[OpenAttempt]) -> Iterator[Advice]:
    """Yield a round of practice in the lesson touched last, unless one is open there."""
    if not progress.lessons:
        return
    skill = min(progress.skills, key=lambda one: one.expected, default=None)
    lesson = progress.lessons[-1].lesson
    if any((left.mode, left.lesson) == ("practice", lesson) for left in left_open):
        return
    yield Advice(
        mode="practice",
        title="Keep it alive",
        reason="All is done."
        + (f" Your least certain skill is {name_skill(skill.skill)}." if skill else ""),
        label="Practise",
        endpoint="attempts.start",
        values={"lesson": lesson, "mode": "practice"},
        is_form=True,
    )
