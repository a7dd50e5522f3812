"""What is wrong with the content in service, and what only instructors see of it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from flask import Blueprint, render_template

from quizzer.banks.library import Library
from quizzer.banks.problems import Problem
from quizzer.domain.item_statistics import FEWEST_ANSWERS
from quizzer.domain.items import Item, Kind
from quizzer.domain.rescoring import has_key
from quizzer.errors import NotFoundError
from quizzer.services.item_statistics import RevisionStatistics, measure_bank
from quizzer.services.submitting import ExerciseError
from quizzer.web import sessions
from quizzer.web.problem_reports import list_shown
from quizzer.web.site import get_site, name_place

blueprint = Blueprint("author", __name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownProblem:
    """One complaint, whichever kind of file it is about."""

    place: str
    code: str
    message: str
    is_error: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownBehind:
    """What stands behind an item and no learner sees.

    Attributes:
        place: its file and line.
        names: of its variables, sorted.
        draws: their values, in the order of the names, one row per draw.
        waits: whether its variables still have to be drawn.
        orders: every right order as HTML lines, the author's first.
        is_code: whether the lines are code.
        statistics: how learners do at it, by revision.
        may_be_mended: whether answers may have been scored by another key than that of today.
    """

    item: Item
    place: str
    notes_html: str
    names: tuple[str, ...]
    draws: tuple[tuple[str, ...], ...]
    waits: bool
    orders: tuple[tuple[str, ...], ...]
    is_code: bool
    statistics: tuple[RevisionStatistics, ...]
    may_be_mended: bool


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
        reports=list_shown(library),
    )


@blueprint.get("/author/banks/<bank>")
def show_bank(bank: str) -> str:
    """Show what stands behind the items of a bank: notes, drawn values and right orders."""
    sessions.require_instructor()
    library = get_site().library.current()
    if bank not in library.banks:
        raise NotFoundError("There is no bank of this name in service.")
    found = library.banks[bank]
    with get_site().database.snapshot() as session:
        statistics = measure_bank(session, bank=bank)
    behind = [
        _look_behind(library, found.path, item, statistics.get(item.key, ()))
        for item in found.items
    ]
    return render_template("author/bank.html", bank=found, behind=behind, fewest=FEWEST_ANSWERS)


def _look_behind(
    library: Library, path: str, item: Item, statistics: tuple[RevisionStatistics, ...]
) -> ShownBehind:
    names = tuple(sorted(item.draws[0])) if item.draws else ()
    return ShownBehind(
        item=item,
        place=name_place(path, item.line),
        notes_html=library.html(item.notes) if item.notes else "",
        names=names,
        draws=tuple(tuple(draw[name] for name in names) for draw in item.draws),
        waits=item.waits_for_draws,
        orders=_show_orders(library, item),
        is_code=item.kind is Kind.PARSONS,
        statistics=statistics,
        may_be_mended=_may_be_mended(item, [row.revision for row in statistics]),
    )


def _may_be_mended(item: Item, met: Sequence[str]) -> bool:
    """Return whether a key scored it that is not that of today.

    Learners met another revision of it, or a proof found further right orders since.
    """
    is_changed = any(revision != item.revision for revision in met)
    return has_key(item) and (is_changed or (bool(met) and len(item.orders) > 1))


def _show_orders(library: Library, item: Item) -> tuple[tuple[str, ...], ...]:
    lines = {
        option.key: option.value if item.kind is Kind.PARSONS else library.html(option.text)
        for option in item.options
    }
    return tuple(tuple(lines[key] for key in order) for order in item.orders)


def _list_problems(
    of_banks: Iterable[Problem], of_exercises: Iterable[ExerciseError]
) -> tuple[ShownProblem, ...]:
    banks = [
        ShownProblem(
            place=name_place(problem.path, problem.line),
            code=problem.code,
            message=problem.message,
            is_error=problem.is_error,
        )
        for problem in of_banks
    ]
    exercises = [
        ShownProblem(
            place=name_place(error.path, error.line or 1),
            code="exercise",
            message=error.message,
            is_error=True,
        )
        for error in of_exercises
    ]
    return (*banks, *exercises)
