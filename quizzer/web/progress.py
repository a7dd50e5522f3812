"""Progress: how far, per lesson and per skill, as pictures with tables beside them."""

from __future__ import annotations

from datetime import datetime

from flask import Blueprint, flash, redirect, render_template, request, url_for
from markupsafe import Markup
from werkzeug.wrappers import Response

from quizzer.domain.results import name_strength
from quizzer.services import activity as activities
from quizzer.services.activity import get_year
from quizzer.services.catalogue import ExerciseShelf
from quizzer.services.days import find_day
from quizzer.services.progress import (
    LessonProgress,
    ModeProgress,
    Progress,
    SkillEstimate,
    get_progress,
)
from quizzer.services.projects import list_project_exercises
from quizzer.web import sessions
from quizzer.web.calibration import show_calibration
from quizzer.web.charts import Bar, draw_bars
from quizzer.web.forms import read_number
from quizzer.web.heatmap import draw_legend, draw_year, list_weeks
from quizzer.web.lessons import NOBODY
from quizzer.web.site import get_site
from quizzer.web.words import name_skill

blueprint = Blueprint("progress", __name__)

_COUNTED = ("learn", "visualize", "practice", "try", "metrics")


@blueprint.get("/progress")
def show() -> str:
    """Show what this user has reached, and on which days."""
    site, user = get_site(), sessions.find_user()
    library, now, user_id = site.library.current(), site.now(), user.id if user else NOBODY
    with site.database.snapshot() as session:
        progress = get_progress(session, library, user_id=user_id, now=now)
        calibration = show_calibration(session, user_id=user_id)
        activity = get_year(session, user_id=user_id, now=now)
    rows = [(lesson, _list_bars(lesson, site.exercises)) for lesson in progress.lessons]
    return render_template(
        "progress/show.html",
        activity=activity,
        year=draw_year(activity),
        legend=draw_legend(),
        weeks=list_weeks(activity),
        lessons=[(lesson, bars, _draw_lesson(lesson, bars)) for lesson, bars in rows],
        exercises={one.lesson: _list_exercises(one, site.exercises) for one in progress.lessons},
        skills=[(skill, _name_standing(skill)) for skill in progress.skills],
        days_since={skill.skill: _count_days(skill, now) for skill in progress.skills},
        skill_chart=_draw_skills(progress),
        **calibration,
    )


@blueprint.post("/progress/goal")
def choose_goal() -> Response:
    """Store on how many days of a week this user means to answer; a visitor becomes a guest."""
    site, days = get_site(), read_number(request.form, "days")
    with site.database.transaction() as session:
        user = sessions.ensure_user(session)
        activities.choose_goal(session, user_id=user.id, days=days)
    sessions.remember(user)
    flash(f"Your goal: {days} {'day' if days == 1 else 'days'} a week.")
    return redirect(url_for("progress.show"), 303)


def _draw_lesson(lesson: LessonProgress, bars: list[Bar]) -> Markup:
    return draw_bars(bars, name=lesson.lesson, title=f"Progress in {lesson.title}")


def _list_bars(lesson: LessonProgress, shelf: ExerciseShelf) -> list[Bar]:
    counted = [mode for mode in lesson.modes if mode.total and mode.mode in _COUNTED]
    bars = [_make_bar(mode) for mode in counted]
    done = [best for _, best in _list_exercises(lesson, shelf)]
    if done:
        passed = sum(1 for best in done if best is not None and best >= 1.0)
        note = f"{passed} of {len(done)}"
        bars.append(Bar(label="Exercises", share=passed / len(done), note=note))
    if any(mode.mode == "challenge" and mode.total for mode in lesson.modes):
        bars.append(_make_best_bar("Best challenge", lesson.best_challenge))
    bars.append(_make_best_bar("Best test", lesson.best_test))
    return bars


def _make_bar(mode: ModeProgress) -> Bar:
    reached = mode.seen if mode.mode == "learn" else mode.right
    label = "Predictions made" if mode.mode == "learn" else mode.title
    return Bar(label=label, share=reached / mode.total, note=f"{reached} of {mode.total}")


def _make_best_bar(label: str, best: float | None) -> Bar:
    return Bar(label=label, share=best or 0.0, note="none yet" if best is None else _percent(best))


def _list_exercises(lesson: LessonProgress, shelf: ExerciseShelf) -> list[tuple[str, float | None]]:
    """Return title and best score of the exercises of the lesson's project, tried or not.

    Others, or those that are there no more, only if they were tried.
    """
    best = {tried.exercise: tried.best_score for tried in lesson.exercises}
    library, known = get_site().library.current(), shelf.current()
    ours = list_project_exercises(library, known, shelf.listed(), lesson=lesson.lesson)
    return [
        (known[key].title if key in known else key, best.get(key))
        for key in dict.fromkeys((*(one.key for one in ours), *best))
    ]


def _name_standing(skill: SkillEstimate) -> str:
    return name_strength(skill.expected, skill.low, skill.high, items=skill.n)


def _count_days(skill: SkillEstimate, now: datetime) -> int:
    """Return how many days ago a skill was tried last; 0 for today."""
    return 0 if skill.moved_at is None else (find_day(now) - find_day(skill.moved_at)).days


def _draw_skills(progress: Progress) -> str:
    bars = [_make_skill_bar(skill) for skill in progress.skills]
    return draw_bars(bars, name="skills", title="Skills, with 95 % intervals") if bars else ""


def _make_skill_bar(skill: SkillEstimate) -> Bar:
    return Bar(
        label=name_skill(skill.skill),
        share=skill.expected,
        low=skill.low,
        high=skill.high,
        note=_percent(skill.expected),
    )


def _percent(share: float) -> str:
    return f"{round(share * 100)} %"
