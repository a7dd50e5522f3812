"""Saying what is wrong with a question, and having done with what was said."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import parse_qsl, urlencode, urlsplit

from flask import Blueprint, flash, redirect, request, url_for
from werkzeug.wrappers import Response

from quizzer.banks.library import Library
from quizzer.domain.rescoring import has_key
from quizzer.services import problem_reports
from quizzer.services.problem_reports import ProblemReport
from quizzer.web import sessions
from quizzer.web.forms import read_local_path, read_number
from quizzer.web.site import get_site, name_place

blueprint = Blueprint("problem_reports", __name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownReport:
    """A report as an instructor reads it.

    Attributes:
        title: of the item, or its key where it is in service no more.
        bank, item: ids for a link to what stands behind the item; empty where it is gone.
        place: its file and line, or empty.
        has_changed: whether the item was changed since the learner saw it.
        has_key: whether a key says what is right, which may have been mended.
    """

    report: ProblemReport
    title: str
    bank: str = ""
    item: str = ""
    place: str = ""
    has_changed: bool = False
    has_key: bool = False


@blueprint.app_context_processor
def add_limit() -> dict[str, object]:
    """Tell the templates that problems can be reported, and in how many characters."""
    return {"longest_report": problem_reports.LONGEST_CHARACTERS}


@blueprint.post("/problem-reports")
def record() -> Response:
    """Store what a learner, or a guest, says is wrong with a question that they have answered."""
    site, user_id = get_site(), sessions.get_user().id
    with site.database.transaction() as session:
        problem_reports.report(
            session,
            user_id=user_id,
            item_key=request.form.get("item", ""),
            words=request.form.get("words", ""),
            now=site.now(),
        )
    position = read_number(request.form, "position")
    return redirect(_return_to(read_local_path(request.form), position), 303)


@blueprint.post("/author/problem-reports/<id:report_id>/settle")
def settle(report_id: int) -> Response:
    """Have done with a report."""
    sessions.require_instructor()
    site = get_site()
    with site.database.transaction() as session:
        problem_reports.settle(session, report_id=report_id, now=site.now())
    flash("Settled.")
    return redirect(url_for("author.problems", _anchor="reports"), 303)


def list_shown(library: Library) -> tuple[ShownReport, ...]:
    """Return the reports that wait, the oldest first."""
    with get_site().database.snapshot() as session:
        waiting = problem_reports.list_open(session)
    return tuple(_show(report, library) for report in waiting)


def _return_to(path: str, position: int) -> str:
    """Return the address of the page that the form stood on, at its place there."""
    parts = urlsplit(path)
    kept = [pair for pair in parse_qsl(parts.query) if pair[0] != "reported"]
    query = urlencode([*kept, ("reported", position)])
    return f"{parts.path}?{query}#q{position}-report"


def _show(report: ProblemReport, library: Library) -> ShownReport:
    item = library.items.get(report.item_key)
    if item is None:
        return ShownReport(report=report, title=report.item_key, has_changed=True)
    return ShownReport(
        report=report,
        title=item.title,
        bank=item.bank,
        item=item.id,
        place=name_place(library.banks[item.bank].path, item.line),
        has_changed=item.revision != report.item_revision,
        has_key=has_key(item),
    )
