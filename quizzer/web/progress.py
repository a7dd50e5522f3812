"""Progress: how far, per lesson and per skill, as pictures with tables beside them."""

from __future__ import annotations

from collections.abc import Iterator

from flask import Blueprint, render_template
from markupsafe import Markup

from quizzer.services.catalogue import ExerciseShelf
from quizzer.services.progress import LessonProgress, Progress, SkillEstimate, get_progress
from quizzer.web import sessions
from quizzer.web.calibration import show_calibration
from quizzer.web.charts import Bar, draw_bars
from quizzer.web.lessons import NOBODY
from quizzer.web.site import get_site

blueprint = Blueprint("progress", __name__)


@blueprint.get("/progress")
def show() -> str:
    """Show what this user has reached."""
    site, user = get_site(), sessions.find_user()
    library = site.library.current()
    with site.database.snapshot() as session:
        progress = get_progress(session, library, user_id=user.id if user else NOBODY)
        calibration = show_calibration(session, user_id=user.id if user else NOBODY)
    rows = [(lesson, _list_bars(lesson, site.exercises)) for lesson in progress.lessons]
    return render_template(
        "progress/show.html",
        lessons=[(lesson, bars, _draw_lesson(lesson, bars)) for lesson, bars in rows],
        skills=progress.skills,
        skill_chart=_draw_skills(progress),
        **calibration,
    )


def _draw_lesson(lesson: LessonProgress, bars: list[Bar]) -> Markup:
    return draw_bars(bars, name=lesson.lesson, title=f"Progress in {lesson.title}")


def _list_bars(lesson: LessonProgress, shelf: ExerciseShelf) -> list[Bar]:
    return [*_list_modes(lesson), *_list_exercises(lesson, shelf)]


def _list_modes(lesson: LessonProgress) -> Iterator[Bar]:
    for mode in lesson.modes:
        if mode.total and mode.mode != "test":
            reached = mode.seen if mode.mode == "learn" else mode.right
            yield Bar(
                label=mode.title, share=reached / mode.total, note=f"{reached} of {mode.total}"
            )
    best = lesson.best_test
    yield Bar(
        label="Best test", share=best or 0.0, note="none yet" if best is None else _percent(best)
    )


def _list_exercises(lesson: LessonProgress, shelf: ExerciseShelf) -> Iterator[Bar]:
    """Yield the lesson's exercises, tried or not.

    Those that a question brings, or that are there no more, only if they were tried.
    """
    best = {tried.exercise: tried.best_score for tried in lesson.exercises}
    listed = [one.key for one in shelf.listed().values() if one.lesson == lesson.lesson]
    known = shelf.current()
    for key in dict.fromkeys((*listed, *best)):
        label = (known[key].title if key in known else key).replace("`", "")
        note = _percent(best[key]) if key in best else "not tried"
        yield Bar(label=label, share=best.get(key, 0.0), note=note)


def _draw_skills(progress: Progress) -> str:
    bars = [_make_skill_bar(skill) for skill in progress.skills]
    return draw_bars(bars, name="skills", title="Skills, with 95 % intervals") if bars else ""


def _make_skill_bar(skill: SkillEstimate) -> Bar:
    return Bar(
        label=skill.skill,
        share=skill.expected,
        low=skill.low,
        high=skill.high,
        note=_percent(skill.expected),
    )


def _percent(share: float) -> str:
    return f"{round(share * 100)} %"
