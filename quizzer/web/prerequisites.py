"""What a lesson builds on, and whether that is firm: it is recommended, and nothing is locked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from quizzer.banks.library import Library
from quizzer.domain.items import Lesson
from quizzer.services import reviewing
from quizzer.services.progress import LessonProgress, Progress
from quizzer.web.steps import GOOD_SHARE, Advice


@dataclass(frozen=True, slots=True, kw_only=True)
class Prerequisite:
    """One lesson that another builds on.

    Attributes:
        is_begun: whether the learner has answered anything in it.
        is_firm: whether they have recalled something of it in review, or proved it in a test.
    """

    lesson: str
    title: str
    is_begun: bool
    is_firm: bool


def list_prerequisites(
    lesson: Lesson, library: Library, progress: Progress
) -> tuple[Prerequisite, ...]:
    """Return the lessons that this one builds on, as far as the library has them."""
    done = {one.lesson: one for one in progress.lessons}
    return tuple(
        Prerequisite(
            lesson=name,
            title=library.lessons[name].title,
            is_begun=done[name].is_begun,
            is_firm=_is_firm(done[name]),
        )
        for name in lesson.requires
        if name in library.lessons
    )


def advise_to_prepare(prerequisites: Sequence[Prerequisite]) -> Advice | None:
    """Return which lesson to go through first and why; None where all is firm."""
    first = next((one for one in prerequisites if not one.is_firm), None)
    if first is None:
        return None
    reason = (
        "This lesson builds on it, and you have begun it. Recall it once in review, or pass its"
        " test: then it carries what comes here."
        if first.is_begun
        else "This lesson builds on it, and takes for granted what is explained there."
    )
    return Advice(
        mode="",
        title=f"First: {first.title}",
        reason=reason,
        label="Go on there" if first.is_begun else "Begin there",
        endpoint="lessons.show",
        values={"lesson": first.lesson},
    )


def _is_firm(done: LessonProgress) -> bool:
    if (done.best_test or 0.0) >= GOOD_SHARE:
        return True
    cards = next((one for one in done.modes if one.mode == reviewing.MODE and one.total), None)
    return done.is_begun if cards is None else cards.seen > 0
