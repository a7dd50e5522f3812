"""`quizzer preview`: a page of one file, which loads itself anew when the file is saved.

It is for the author, on this machine: no accounts, nothing stored, and the key is there to be seen.
"""

from __future__ import annotations

import secrets
import threading
from pathlib import Path
from typing import cast

from flask import (
    Blueprint,
    Flask,
    Response,
    current_app,
    flash,
    jsonify,
    redirect,
    render_template,
    request,
    send_file,
    url_for,
)
from flask_wtf.csrf import CSRFProtect
from markupsafe import Markup
from werkzeug.exceptions import Forbidden, NotFound
from werkzeug.wrappers import Response as AnyResponse

from quizzer.banks.fragments import FIGURE
from quizzer.banks.rendering import render_text
from quizzer.domain.items import Bank, Lesson, Text
from quizzer.errors import InvalidResponseError
from quizzer.services.explanations import render_explanation
from quizzer.services.previewing import Desk, Sight
from quizzer.services.submitting import GraderError
from quizzer.web.assets import load_assets, serve_assets
from quizzer.web.drafts import Wish, list_drafts, list_general
from quizzer.web.forms import LARGEST_REQUEST_BYTES, read_chosen, read_number
from quizzer.web.reading import title_of
from quizzer.web.security import guard
from quizzer.web.words import mark_up, register_words, unwrap_paragraph

blueprint = Blueprint("preview", __name__)

LONGEST_WAIT_S = 20.0
_MOST_WAITING = 4  # pages; each holds a thread of the server's
_EXTENSION = "quizzer-preview"
_WAITING = threading.BoundedSemaphore(_MOST_WAITING)
_OWN_NAMES = ("127.0.0.1", "localhost")


def create_preview(desk: Desk, *, port: int) -> Flask:
    """Build the application that shows the file on a desk.

    Args:
        desk: keeps an eye on the file.
        port: where it will be served; cookies of several previews must not be mixed up.
    """
    app = Flask("quizzer.web", static_folder=None)
    app.config.from_mapping(
        SECRET_KEY=secrets.token_urlsafe(32),
        SESSION_COOKIE_NAME=f"quizzer-preview-{port}",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Strict",
        MAX_CONTENT_LENGTH=LARGEST_REQUEST_BYTES,
        WTF_CSRF_TIME_LIMIT=None,
    )
    app.extensions[_EXTENSION] = desk
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.before_request(_require_own_name)
    CSRFProtect(app)
    guard(app)
    serve_assets(app, load_assets(Path(__file__).resolve().parent / "static"))
    register_words(app)
    app.jinja_env.filters |= {"markdown": _render_block, "markdown_inline": _render_inline}
    app.jinja_env.globals["explain"] = render_explanation
    app.register_blueprint(blueprint)
    return app


@blueprint.get("/")
def show() -> str:
    """Show the file as it is now."""
    return _show(Wish(item=request.args.get("item", ""), seed=_read_seed()))


@blueprint.post("/")
def respond() -> str:
    """Show it with an answer to one item, or with one card turned."""
    turned = "turn" in request.args
    try:
        chosen = None if turned else read_chosen(request.form)
    except InvalidResponseError as error:
        flash(str(error))
        chosen = None
    return _show(
        Wish(
            item=request.args.get("item", ""),
            seed=_read_seed(),
            chosen=chosen,
            is_turned=turned or "turned" in request.args,
        )
    )


@blueprint.post("/prove")
def prove() -> AnyResponse:
    """Run the proof of one item, or of all."""
    wanted = request.form.get("item") or None
    try:
        _get_desk().prove(wanted)
    except GraderError as error:
        flash(f"Nothing could be run: {error}")
    anchor = f"i-{wanted}" if wanted else "items"
    return redirect(url_for("preview.show", _anchor=anchor), 303)


@blueprint.get("/mark")
def wait_for_change() -> Response:
    """Answer as soon as there is something new to see, or after a while."""
    desk, seen = _get_desk(), request.args.get("seen", "")
    is_seated = _WAITING.acquire(blocking=False)
    try:
        mark = desk.wait(seen, longest_s=LONGEST_WAIT_S if is_seated else 0.0)
    finally:
        if is_seated:
            _WAITING.release()
    return jsonify(mark=mark)


@blueprint.get("/figures/<lesson>/<name>")
def show_figure(lesson: str, name: str) -> Response:
    """Show a picture that lies beside the file, whichever lesson it says it is of."""
    del lesson
    path = _get_desk().path.resolve().parent / name
    if not FIGURE.match(request.path) or not path.is_file():
        raise NotFound
    return send_file(path)


def _show(wish: Wish) -> str:
    desk = _get_desk()
    sight = desk.look()
    value = sight.good.value if sight.good else None
    return render_template(
        "preview/page.html",
        path=desk.path,
        sight=sight,
        bank=value if isinstance(value, Bank) else None,
        lesson=value if isinstance(value, Lesson) else None,
        drafts=list_drafts(sight, wish),
        general=list_general(sight),
        counts=_count(sight),
        title_of=title_of,
        mode=None,
        show_points=False,
    )


def _count(sight: Sight) -> tuple[int, int]:
    """Return how many errors and warnings there are, failed proofs included."""
    proved = [one for outcome in sight.outcomes.values() for one in outcome.explanation.problems]
    errors = sum(problem.is_error for problem in (*sight.problems, *proved))
    return errors, len(sight.problems) + len(proved) - errors


def _read_seed() -> int:
    return read_number(request.args, "seed") if "seed" in request.args else 0


def _get_desk() -> Desk:
    return cast("Desk", current_app.extensions[_EXTENSION])


def _require_own_name() -> None:
    """Refuse requests that call this machine by another name: a foreign page may have sent them."""
    name = request.host.rpartition(":")[0] or request.host
    if name not in _OWN_NAMES:
        raise Forbidden


def _render_block(text: Text) -> Markup:
    return mark_up(render_text(text))


def _render_inline(text: Text) -> Markup:
    return unwrap_paragraph(render_text(text))
