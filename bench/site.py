"""The site that `bench.pages` measures: a learner's history, and a bare page beside it.

All its processes tell, in a header of each answer, how long the application took.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

from flask import Flask, render_template
from jinja2 import DictLoader
from werkzeug.middleware.dispatcher import DispatcherMiddleware

from bench.learners import (
    EXERCISE,
    SUBMISSIONS,
    Learner,
    get_site,
    list_pages,
    make_cookie,
    make_learner,
)
from quizzer.app import create_app
from quizzer.config import Settings, load_settings
from quizzer.serving import WebServer, WorkerKeeper, is_gradable, open_port
from quizzer.store.migrations import upgrade
from quizzer.worker import stop_on_signals

BARE = "bare"
BARE_PATH = "/bare"
GRADING_S = 120.0
TIMING = "Server-Timing"
BARE_PAGE = """<!doctype html><html lang="en"><head><title>{{ title }}</title></head><body>
<h1>{{ title }}</h1><ul>{% for row in rows %}<li><a href="/{{ row.name }}">{{ row.name }}</a>:
{{ row.text }}</li>{% endfor %}</ul></body></html>"""


def serve(days: int) -> None:
    """Make the site and its history, tell of them in one line, and serve until asked to stop."""
    settings = load_settings(os.environ)
    stop = threading.Event()
    stop_on_signals(stop)
    upgrade(settings)
    app = create_app(settings)
    learner = make_learner(get_site(app), days=days)
    graded = _hand_in(settings, learner)
    history = f"{learner.answers} answers in {days} days, {SUBMISSIONS} submissions ({graded})"
    cookie = make_cookie(app, learner.user)
    listening = open_port("127.0.0.1", 0)
    web = make_server(app, listening)
    told = {
        "address": f"127.0.0.1:{listening.getsockname()[1]}",
        "cookie": cookie,
        "pages": {BARE: f"{BARE_PATH}/", **list_pages(learner)},
        "history": history,
        "processes": settings.processes,
    }
    with ExitStack() as stack:
        for _ in range(settings.processes - 1):
            stack.enter_context(_start_beside(listening))
        sys.stdout.write(json.dumps(told) + "\n")
        sys.stdout.flush()
        web.run(stop)
        web.finish()


def serve_beside(descriptor: int, parent: int) -> None:
    """Serve the same site as a further process, until process `parent` is gone."""
    stop = threading.Event()
    stop_on_signals(stop)
    web = make_server(create_app(load_settings(os.environ)), socket.socket(fileno=descriptor))
    web.run(stop, is_orphan=lambda: os.getppid() != parent)
    web.finish()


def make_server(app: Flask, listening: socket.socket) -> WebServer:
    """Put the bare page beside a site; both tell how long they took."""
    bare = _time(make_bare_app().wsgi_app)
    app.wsgi_app = DispatcherMiddleware(_time(app.wsgi_app), {BARE_PATH: bare})  # type: ignore[method-assign]
    return WebServer(app, listening)


@contextmanager
def _start_beside(listening: socket.socket) -> Iterator[None]:
    """Keep a further process on the listening socket, which it inherits."""
    descriptor = listening.dup()
    number = descriptor.fileno()
    command = [sys.executable, "-m", "bench.site", f"--beside={number}", f"--parent={os.getpid()}"]
    with subprocess.Popen(command, pass_fds=[number]) as process:
        descriptor.close()
        try:
            yield
        finally:
            process.send_signal(signal.SIGTERM)


def make_bare_app() -> Flask:
    """Make an application of one page that does nothing but render a template."""
    app = Flask("bare")
    app.jinja_loader = DictLoader({"bare.html": BARE_PAGE})
    rows = [{"name": f"row-{number}", "text": "a < b & c"} for number in range(20)]

    @app.get("/")
    def show() -> str:
        return render_template("bare.html", title="A bare page", rows=rows)

    return app


def _time(handle: Callable[..., Any]) -> Callable[..., Any]:
    """Wrap a WSGI application so that it tells how long it took."""

    def timed(environ: dict[str, Any], start_response: Callable[..., Any]) -> Any:  # noqa: ANN401 - WSGI's
        started, worked = time.perf_counter(), time.thread_time()

        def start(status: str, headers: list[tuple[str, str]], *rest: Any) -> Any:  # noqa: ANN401
            wall_ms = (time.perf_counter() - started) * 1e3
            cpu_ms = (time.thread_time() - worked) * 1e3
            told = f"wall;dur={wall_ms:.3f}, cpu;dur={cpu_ms:.3f}"
            return start_response(status, [*headers, (TIMING, told)], *rest)

        return handle(environ, start)

    return timed


def _hand_in(settings: Settings, learner: Learner) -> str:
    """Hand programs in and, where that can be, have them graded; return what became of them."""
    site = learner.site
    reference = site.exercises.current()[EXERCISE].reference
    with WorkerKeeper(site.database, warn=_warn) as keeper:
        can_grade = is_gradable(settings, warn=_warn)
        if can_grade:
            keeper.start()
        for number in range(SUBMISSIONS):
            learner.hand_in(EXERCISE, f"{reference}\n# attempt {number}\n".encode())
            give_up_at = time.monotonic() + GRADING_S
            # One after the other: a newer one takes the place of one that waits.
            while can_grade and learner.count_graded() <= number and time.monotonic() < give_up_at:
                time.sleep(0.05)
    return f"{learner.count_graded()} of them graded"


def _warn(words: str) -> None:
    sys.stderr.write(f"{words}\n")


def main() -> None:
    """Serve until asked to stop."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--days", type=int, default=30, help="of history")
    parser.add_argument("--beside", type=int, help=argparse.SUPPRESS)
    parser.add_argument("--parent", type=int, help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.beside is None:
        serve(chosen.days)
    else:
        serve_beside(chosen.beside, chosen.parent)


if __name__ == "__main__":
    main()
