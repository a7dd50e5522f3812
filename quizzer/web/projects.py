"""The page of a lesson's project: its exercises, the best score of each, and what is next."""

from __future__ import annotations

from flask import Blueprint, render_template

from quizzer.domain.modes import find_mode
from quizzer.errors import NotFoundError
from quizzer.services.projects import MODE, Project, get_project
from quizzer.web import sessions
from quizzer.web.site import get_site

blueprint = Blueprint("projects", __name__)


@blueprint.get("/lessons/<lesson>/project")
def show(lesson: str) -> str:
    """Show the exercises of a lesson."""
    found = get_site().library.current().lessons.get(lesson)
    if found is None:
        raise NotFoundError("There is no lesson of this name.")
    return render_template(
        "exercises/project.html", lesson=found, mode=find_mode(MODE), project=load_project(lesson)
    )


def load_project(lesson: str) -> Project:
    """Return a lesson's project as this user has it."""
    site, user = get_site(), sessions.find_user()
    with site.database.snapshot() as session:
        return get_project(
            session,
            site.library.current(),
            site.exercises.current(),
            site.exercises.listed(),
            lesson=lesson,
            user_id=user.id if user else None,
        )
