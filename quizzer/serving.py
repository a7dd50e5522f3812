"""`quizzer serve`: web server, further web processes and worker: one tree that ends as one.

The first web process keeps the others. All accept from one listening socket, which those that are
started later inherit; each has connections of its own to the database. They are started, not
forked: one that died comes back at a time when there are threads, which a fork would not survive.
"""

from __future__ import annotations

import logging
import os
import platform
import socket
import subprocess
import sys
import threading
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from flask import Flask
from waitress import create_server, wasyncore  # type: ignore[import-untyped]  # it has none

from quizzer.app import create_app
from quizzer.config import LEVELS, WEAKEST_LEVEL, Settings
from quizzer.errors import GradingUnavailableError, QuizzerError
from quizzer.services.grading import release_worker
from quizzer.services.levels import choose_level
from quizzer.store.db import Database
from quizzer.store.migrations import upgrade
from quizzer.store.patience import AWAY, name_reason
from quizzer.web.forms import LARGEST_REQUEST_BYTES
from quizzer.web.site import EXTENSION, Site
from quizzer.worker import stop_on_signals

THREADS = 4  # of each web process: more of them only take the interpreter from each other
DRAIN_S = 10.0  # how long requests in flight may take once the server is asked to stop
WORKER_PATIENCE_S = 10.0  # how long the worker may take
WEB_PATIENCE_S = DRAIN_S + 2.0  # and a further web process
FIRST_PAUSE_S = 1.0  # before a process that died is started again; doubles up to ...
LONGEST_PAUSE_S = 30.0
HEALTHY_AFTER_S = 60.0  # a process that lived this long starts at the first pause again
_POLL_S = 0.25
# waitress refuses in words of its own; below this the application's page says it.
_LARGEST_READ_BYTES = 4 * LARGEST_REQUEST_BYTES
_ANY_HOST = ("", "0.0.0.0", "::")  # noqa: S104 - recognised here, not chosen

Announce = Callable[[str], None]

_log = logging.getLogger(__name__)
# A line for each request that waits for a thread: in a burst that is thousands.
logging.getLogger("waitress.queue").setLevel(logging.ERROR)


def serve(settings: Settings, *, announce: Announce, warn: Announce) -> None:
    """Serve until SIGTERM or SIGINT, then finish what is going on and return.

    `announce` is told the address once it can be opened; `warn`, in one line each, what is wrong
    with the content or with this machine.

    Raises:
        QuizzerError: if the port cannot be had.
    """
    stop = threading.Event()
    stop_on_signals(stop)
    listening = open_port(settings.host, settings.port)
    upgrade(settings)
    app = create_app(settings)
    site: Site = app.extensions[EXTENSION]
    for problem in list_problems(site):
        warn(problem)
    web = WebServer(app, listening)
    with ExitStack() as stack:
        keepers: list[Keeper] = list_web_keepers(settings, listening, warn=warn)
        if is_gradable(settings, warn=warn):
            keepers.append(WorkerKeeper(site.database, warn=warn))
        for keeper in keepers:
            stack.enter_context(keeper)
            keeper.start()
        announce(f"Quizzer is at {describe_address(settings.host, listening)}")
        web.run(stop)
        for keeper in keepers:
            keeper.ask_to_stop()
        web.finish()
    site.database.close()


def serve_beside(settings: Settings, *, descriptor: int, parent: int) -> None:
    """Serve pages as a further process, until SIGTERM or until process `parent` is gone.

    `descriptor` is that of the listening socket.
    """
    stop = threading.Event()
    stop_on_signals(stop)
    app = create_app(settings)
    site: Site = app.extensions[EXTENSION]
    site.exercises.current()  # reads the banks as well: now, and not while a learner waits
    web = WebServer(app, socket.socket(fileno=descriptor))
    web.run(stop, is_orphan=lambda: os.getppid() != parent)
    web.finish()
    site.database.close()


def is_gradable(settings: Settings, *, warn: Announce) -> bool:
    """Return whether this machine can grade; `warn` is told why not, or that it does so weakly."""
    try:
        level = choose_level(settings.allow_level)
    except GradingUnavailableError as error:
        warn(str(error))
        return False
    if LEVELS.index(level) > LEVELS.index(WEAKEST_LEVEL):
        warn(
            f"Submissions are graded at level {level}, which is fit for your own code; "
            "`graders doctor` says how to contain them better."
        )
    return True


def list_problems(site: Site) -> tuple[str, ...]:
    """Return what keeps content out of service; warnings are for `quizzer check`."""
    banks = [str(problem) for problem in site.library.current().problems if problem.is_error]
    return (*banks, *(str(problem) for problem in site.exercises.problems))


def open_port(host: str, port: int) -> socket.socket:
    """Start to listen, so that nobody is turned away while the rest is made ready.

    Raises:
        QuizzerError: if that cannot be; says what to do.
    """
    try:
        return socket.create_server(
            (host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET, backlog=1024
        )
    except OSError as error:
        reason = error.strerror or str(error)
        raise QuizzerError(
            f"Cannot listen on {host} port {port} ({reason}): choose another with --port."
        ) from error


def describe_address(host: str, listening: socket.socket) -> str:
    """Return the address to open in a browser on this machine."""
    name = "127.0.0.1" if host in _ANY_HOST else f"[{host}]" if ":" in host else host
    return f"http://{name}:{listening.getsockname()[1]}"


class WebServer:
    """waitress, stopped so that requests in flight are answered.

    Its own `run` drops them: it leaves the loop that sends what the threads have written.
    """

    def __init__(self, app: Flask, listening: socket.socket) -> None:
        self._connections: dict[int, Any] = {}
        self._server = create_server(
            app,
            map=self._connections,
            sockets=[listening],
            threads=THREADS,
            ident=None,
            max_request_body_size=_LARGEST_READ_BYTES,
            clear_untrusted_proxy_headers=False,  # the application knows whether to believe them
        )

    def run(self, stop: threading.Event, *, is_orphan: Callable[[], bool] = lambda: False) -> None:
        """Serve until `stop` is set, or until nobody is left who would set it."""
        while not (stop.is_set() or is_orphan()):
            self._turn(_POLL_S)

    def finish(self) -> None:
        """Take no more connections, answer what has been asked, end."""
        self._server.del_channel()
        self._server.socket.close()
        give_up_at = time.monotonic() + DRAIN_S
        while self._is_busy() and time.monotonic() < give_up_at:
            self._turn(0.05)
        left_s = max(0.0, give_up_at - time.monotonic())
        self._server.task_dispatcher.shutdown(cancel_pending=False, timeout=left_s)
        for channel in list(self._server.active_channels.values()):
            channel.handle_close()  # its buffers too, of which long ones are files
        wasyncore.close_all(self._connections)

    def _turn(self, timeout_s: float) -> None:
        wasyncore.loop(timeout=timeout_s, use_poll=True, map=self._connections, count=1)

    def _is_busy(self) -> bool:
        """Whether a request is being read, worked on or answered."""
        channels = list(self._server.active_channels.values())
        return any(
            channel.requests or channel.request is not None or channel.total_outbufs_len
            for channel in channels
        )


class Keeper(ABC):
    """Keeps one process alive, and ends it in the end.

    One that dies is started again, after a pause that grows while it keeps dying.

    Args:
        noun: what the process is called.
        warn: is told in one line when it died.
    """

    def __init__(self, noun: str, *, warn: Announce) -> None:
        self._noun = noun
        self._warn = warn
        self._is_stopping = threading.Event()
        self._lock = threading.Lock()
        self._child: subprocess.Popen[bytes] | None = None
        self._thread = threading.Thread(target=self._keep, name=f"{noun} keeper", daemon=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    def start(self) -> None:
        """Start the process, and keep starting it."""
        self._thread.start()

    def ask_to_stop(self) -> None:
        """Tell the process to finish; returns at once."""
        with self._lock:
            self._is_stopping.set()
            if self._child is not None:
                self._child.terminate()

    def stop(self) -> None:
        """End the process; one that does not finish in time is killed."""
        self.ask_to_stop()
        if self._thread.ident is None:
            return
        self._thread.join(self.get_patience_s())
        if self._thread.is_alive() and self._child is not None:
            self._child.kill()
            self._thread.join()

    @abstractmethod
    def begin(self, name: str) -> subprocess.Popen[bytes]:
        """Start the process under a name that no other one has."""

    @abstractmethod
    def get_patience_s(self) -> float:
        """Return how long it may take to finish."""

    def settle(self, name: str) -> None:  # noqa: B027 - most leave nothing behind
        """Do what is left to do for a process that ended."""

    def _keep(self) -> None:
        pause_s = FIRST_PAUSE_S
        number = 0
        while not self._is_stopping.is_set():
            number += 1
            name = f"{platform.node()}:{os.getpid()}:{number}"
            started_at = time.monotonic()
            ended = self._run_one(name)
            self.settle(name)
            if self._is_stopping.is_set():
                return
            if time.monotonic() - started_at > HEALTHY_AFTER_S:
                pause_s = FIRST_PAUSE_S
            self._warn(f"{ended}; the next one starts in {pause_s:g} s.")
            self._is_stopping.wait(pause_s)
            pause_s = min(2 * pause_s, LONGEST_PAUSE_S)

    def _run_one(self, name: str) -> str:
        """Run one process to its end; return how that came, in words."""
        with self._lock:
            if self._is_stopping.is_set():
                return "The server stops"
            try:
                self._child = self.begin(name)
            except OSError as error:  # no memory or no process to be had, for now
                return f"The {self._noun} could not be started ({error.strerror or error})"
        return f"The {self._noun} ended ({self._child.wait()})"


class WorkerKeeper(Keeper):
    """Keeps the worker; one that dies gives back at once what it held."""

    def __init__(self, database: Database, *, warn: Announce) -> None:
        super().__init__("worker", warn=warn)
        self._database = database

    def begin(self, name: str) -> subprocess.Popen[bytes]:
        """Start the worker."""
        return start_worker(name)

    def get_patience_s(self) -> float:
        """Return how long it may take to finish."""
        return WORKER_PATIENCE_S

    def settle(self, name: str) -> None:
        """Queue again what the worker held, instead of waiting for its lease to run out."""
        try:
            with self._database.transaction() as session:
                release_worker(session, worker=name)
        except AWAY as error:
            reason = name_reason(error)
            _log.warning("The runs of worker %s wait for their lease: %s", name, reason)


class WebKeeper(Keeper):
    """Keeps a further web process; its requests in flight are answered before it ends."""

    def __init__(self, settings: Settings, listening: socket.socket, *, warn: Announce) -> None:
        super().__init__("web process", warn=warn)
        self._host = settings.host
        self._listening = listening.dup()  # the server closes its own when it stops

    def begin(self, name: str) -> subprocess.Popen[bytes]:
        """Start the process on the listening socket."""
        del name
        descriptor = self._listening.fileno()
        return start_child(
            ["web", f"--descriptor={descriptor}"],
            environ={"QUIZZER_HOST": self._host},
            descriptors=[descriptor],
        )

    def ask_to_stop(self) -> None:
        """Tell the process to finish; nobody new is let in through here."""
        super().ask_to_stop()
        self._listening.close()

    def get_patience_s(self) -> float:
        """Return how long it may take to finish."""
        return WEB_PATIENCE_S


def list_web_keepers(
    settings: Settings, listening: socket.socket, *, warn: Announce
) -> list[Keeper]:
    """Return who keeps the web processes beside this one; none where not on Linux."""
    further = settings.processes - 1 if sys.platform == "linux" else 0
    return [WebKeeper(settings, listening, warn=warn) for _ in range(further)]


def start_worker(name: str) -> subprocess.Popen[bytes]:
    """Start a worker process that ends when this one does."""
    return start_child(["worker", "--name", name])


def start_child(
    arguments: Sequence[str],
    *,
    environ: Mapping[str, str] | None = None,
    descriptors: Sequence[int] = (),
) -> subprocess.Popen[bytes]:
    """Start one of our commands as a process that ends when this one does.

    It has a session of its own, so that Ctrl-C in a terminal reaches it through us alone.

    Args:
        arguments: the command; whose child it is, is added.
        environ: variables to set for it.
        descriptors: what it inherits beside the standard three.
    """
    package_parent = str(Path(__file__).resolve().parents[1])
    inherited = os.environ.get("PYTHONPATH")
    search_path = os.pathsep.join([package_parent, *([inherited] if inherited else [])])
    return subprocess.Popen(
        [
            sys.executable,
            "-P",
            "-m",
            "quizzer",
            *arguments,
            f"--parent={os.getpid()}",
        ],
        env={**os.environ, **(environ or {}), "PYTHONPATH": search_path},
        stdin=subprocess.DEVNULL,
        pass_fds=descriptors,
        start_new_session=True,
    )
