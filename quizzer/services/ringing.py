"""The doorbell between pages and workers: it carries the id of a run, and nothing depends on it.

A ring may be lost or come twice; the ledger decides what is done. The engine is Huey, with one API
on several storages, and it is known here alone: to put workers on other machines, change the
address.
"""

from __future__ import annotations

import json
import logging
import signal
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from huey import Huey, PostgresHuey, SqliteHuey
from huey.consumer import Consumer
from huey.registry import Message
from huey.serializer import Serializer

from quizzer.config import SettingsError
from quizzer.errors import QuizzerError
from quizzer.store.db import require_psycopg

_QUEUE = "quizzer"
_POLL_S = 0.01
_HUEYS_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)

_log = logging.getLogger(__name__)


class _Json(Serializer):  # type: ignore[misc]  # Huey is untyped
    """Rings as JSON, so that reading a queue never runs what somebody put there."""

    def _serialize(self, data: Message) -> bytes:
        return json.dumps(data).encode()

    def _deserialize(self, data: bytes) -> Message:
        return Message(*json.loads(data))


class Ringer:
    """One queue of rings, for the machines that grade on one device.

    Args:
        url: `sqlite:///path` or `postgresql://user@host/name`.
        device: runs of this device only are rung for here.

    Raises:
        SettingsError: for an address of no such kind.
        QuizzerError: if it cannot be reached.
    """

    def __init__(self, url: str, *, device: str = "cpu") -> None:
        self._handle: Callable[[int], object] | None = None
        self._huey = _open(url, f"{_QUEUE}-{device}")
        self._task = self._huey.task(name="grade")(self._answer)

    def ring(self, run_id: int, *, priority: int = 0) -> None:
        """Tell a worker that a run waits. Never fails: the ledger's own round makes up for it."""
        try:
            self._huey.enqueue(self._task.s(run_id, priority=priority))
        except Exception:  # noqa: BLE001 - each engine has errors of its own
            _log.warning("The bell for run %d did not ring.", run_id, exc_info=True)

    def count_unheard(self) -> int:
        """Return how many rings nobody has heard yet."""
        return int(self._huey.pending_count())

    def listen(self, handle: Callable[[int], object], *, workers: int) -> Listener:
        """Start to answer rings, `workers` at a time, each in a thread.

        Call it in the main thread. What `handle` raises is logged.
        """
        self._handle = handle
        return Listener(self._huey, workers=workers)

    def close(self) -> None:
        """Close the connection to the queue."""
        self._huey.storage.close()

    def _answer(self, run_id: int) -> None:
        if self._handle is not None:
            self._handle(run_id)


class Listener:
    """The threads that answer rings."""

    def __init__(self, huey: Huey, *, workers: int) -> None:
        self._consumer = Consumer(
            huey,
            workers=workers,
            periodic=False,
            initial_delay=_POLL_S,
            max_delay=_POLL_S,
            scheduler_interval=60,
        )
        # Huey takes the signals over when it starts; they belong to the process that listens.
        handlers = {number: signal.getsignal(number) for number in _HUEYS_SIGNALS}
        self._consumer.start()
        for number, handler in handlers.items():
            signal.signal(number, handler)

    def revive(self) -> None:
        """Start threads anew that have died."""
        self._consumer.check_worker_health()

    def stop(self, *, patience_s: float) -> bool:
        """Answer no more rings; return whether all that were being answered have ended by then."""
        self._consumer.shutdown_timeout = patience_s
        self._consumer.stop(graceful=True)
        return not any(thread.is_alive() for _, thread in self._consumer.worker_threads)


def _open(url: str, name: str) -> Huey:
    address = urlsplit(url)
    options = {"name": name, "results": False, "serializer": _Json()}
    if address.scheme == "sqlite":
        path = Path(unquote(address.path.removeprefix("/")))
        path.parent.mkdir(parents=True, exist_ok=True)
        return _open_file(path, options)
    if address.scheme.split("+")[0] == "postgresql":
        require_psycopg()
        return _open_server(address._replace(scheme="postgresql").geturl(), options)
    raise SettingsError("QUIZZER_QUEUE_URL must be sqlite:///path or postgresql://user@host/name")


def _open_server(url: str, options: dict[str, Any]) -> Huey:
    try:
        return PostgresHuey(dsn=url, **options)
    except Exception as error:  # psycopg's, which need not be installed
        reason = (str(error).splitlines() or [type(error).__name__])[0]
        raise QuizzerError(f"The queue cannot be reached ({reason}).") from error


def _open_file(path: Path, options: dict[str, Any]) -> Huey:
    """Open a queue; a damaged file is put aside, for nothing in it is needed."""
    try:
        return _open_sqlite(path, options)
    except sqlite3.DatabaseError as error:
        if isinstance(error, sqlite3.OperationalError):  # busy or out of reach, not damaged
            raise
        _log.warning("The queue %s is damaged (%s) and starts anew.", path, error)
        path.replace(path.with_name(f"{path.name}.damaged"))
        return _open_sqlite(path, options)


def _open_sqlite(path: Path, options: dict[str, Any]) -> Huey:
    """Open it so that no ring waits for the disk: after a power cut the ledger rings again."""
    return SqliteHuey(filename=str(path), fsync=False, **options)
