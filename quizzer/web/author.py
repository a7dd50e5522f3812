"""What is wrong with the content in service, for instructors."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from flask import Blueprint, render_template

from quizzer.banks.problems import Problem
from quizzer.services.submitting import ExerciseError
from quizzer.web import sessions
from quizzer.web.site import get_site

blueprint = Blueprint("author", __name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownProblem:
    """One complaint, whichever kind of file it is about."""

    place: str
    code: str
    message: str
    is_error: bool


@blueprint.get("/author")
def problems() -> str:
    """List the problems of banks, lessons and exercises."""
    sessions.require_instructor()
    site = get_site()
    library = site.library.current()
    return render_template(
        "author/problems.html",
        library=library,
        exercise_count=len(site.exercises.current()),
        problems=_list_problems(library.problems, site.exercises.problems),
    )


def _list_problems(
    of_banks: Iterable[Problem], of_exercises: Iterable[ExerciseError]
) -> tuple[ShownProblem, ...]:
    banks = [
        ShownProblem(
            place=f"{problem.path}:{problem.line}",
            code=problem.code,
            message=problem.message,
            is_error=problem.is_error,
        )
        for problem in of_banks
    ]
    exercises = [
        ShownProblem(
            place=f"{error.path}:{error.line or 1}",
            code="exercise",
            message=error.message,
            is_error=True,
        )
        for error in of_exercises
    ]
    return (*banks, *exercises)
