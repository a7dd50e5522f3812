"""The application: settings in, a Flask application out."""

from __future__ import annotations

from pathlib import Path

from flask import Flask
from flask_wtf.csrf import CSRFProtect
from werkzeug.middleware.proxy_fix import ProxyFix

from quizzer.banks.library import LibraryShelf
from quizzer.config import Settings
from quizzer.services.accounts import SESSION_LASTS
from quizzer.services.catalogue import ExerciseShelf
from quizzer.services.gate import ProofGate
from quizzer.services.ringing import Ringer
from quizzer.store.db import open_database
from quizzer.web import (
    accounts,
    attempts,
    author,
    comparing,
    exercises,
    learn,
    lessons,
    pages,
    problem_reports,
    progress,
    projects,
    rescoring,
    review,
    sessions,
    visualize,
)
from quizzer.web.addresses import register_addresses
from quizzer.web.assets import load_assets, serve_assets
from quizzer.web.errors import register_errors
from quizzer.web.forms import LARGEST_REQUEST_BYTES
from quizzer.web.security import guard, make_host_rule, refuse_other_names
from quizzer.web.site import EXTENSION, Site, read_clock
from quizzer.web.words import register_words

_WEB = Path(__file__).resolve().parent / "web"
_BLUEPRINTS = (
    *(pages, lessons, learn, attempts, review, visualize, exercises, progress, problem_reports),
    *(accounts, author, rescoring, comparing, projects),
)


def create_app(settings: Settings, *, site: Site | None = None) -> Flask:
    """Build the application.

    The database must have its tables: see `quizzer.store.db.upgrade`.

    Args:
        settings: where everything lives.
        site: parts to use instead of those that the settings name; for tests.
    """
    app = Flask("quizzer.web", static_folder=None)
    app.config.from_mapping(_configure(settings))
    if settings.https:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=1, x_proto=1)  # type: ignore[method-assign]
    app.extensions[EXTENSION] = site or open_site(settings)
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    guard(app)
    refuse_other_names(app, is_ours=make_host_rule(settings.host, settings.hosts))
    app.before_request(sessions.load_user)  # before the form's token is looked at: errors show it
    CSRFProtect(app)
    serve_assets(app, load_assets(_WEB / "static"))
    register_addresses(app)
    register_words(app)
    app.context_processor(sessions.describe_drafts)
    register_errors(app)
    for module in _BLUEPRINTS:
        app.register_blueprint(module.blueprint)
    return app


def open_site(settings: Settings) -> Site:
    """Open the database, the shelves of content and the queue's bell."""
    database = open_database(settings)
    library = LibraryShelf(settings.questions, gate=ProofGate(database, clock=read_clock))
    return Site(
        database=database,
        library=library,
        exercises=ExerciseShelf(settings.exercises, banks=lambda: library.current().banks),
        bell=Ringer(settings.queue_url),
    )


def _configure(settings: Settings) -> dict[str, object]:
    return {
        "SECRET_KEY": settings.secret_key,
        "SESSION_COOKIE_NAME": "quizzer",
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "Lax",
        "SESSION_COOKIE_SECURE": settings.https,
        "PERMANENT_SESSION_LIFETIME": SESSION_LASTS,
        "MAX_CONTENT_LENGTH": LARGEST_REQUEST_BYTES,
        "MAX_FORM_MEMORY_SIZE": LARGEST_REQUEST_BYTES,
        "WTF_CSRF_SSL_STRICT": False,  # the token does; not every browser says where it comes from
        "WTF_CSRF_TIME_LIMIT": None,  # a page left open over night must still be able to send
    }
