"""The database: the only place of engine, session and commit.

Flask-SQLAlchemy makes the engine and the session; nothing here needs a request or an application,
so that the web process, the worker and the command line use the same object.

Every writing transaction on SQLite begins with BEGIN IMMEDIATE: one that begins by reading and
then writes cannot wait for the lock, it fails. WAL with `synchronous=FULL` keeps a committed answer
through a power cut. Within one process a lock of our own keeps the waits short.
"""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, nullcontext
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from flask import Flask
from flask_sqlalchemy import SQLAlchemy
from flask_sqlalchemy.session import Session as FlaskSession
from sqlalchemy import (
    URL,
    Connection,
    CursorResult,
    Engine,
    Executable,
    event,
    make_url,
    text,
)
from sqlalchemy.engine import ExceptionContext
from sqlalchemy.exc import ArgumentError
from sqlalchemy.orm import Session

from quizzer.config import Settings, SettingsError
from quizzer.store.tables import Base

BUSY_TIMEOUT_MS = 20_000
_NO_DATABASE = "QUIZZER_DATABASE_URL must be sqlite:///path or postgresql://user@host/name"
READ_ONLY = "quizzer_read_only"  # execution option: begin without taking the write lock


class _BoundSession(FlaskSession):
    """Flask-SQLAlchemy's session, bound to one engine instead of to the running application."""

    def get_bind(self, *args: Any, **kwargs: Any) -> Engine | Connection:  # noqa: ANN401 - theirs
        bind: Engine | Connection | None = kwargs.get("bind") or self.bind
        return bind if bind is not None else super().get_bind(*args, **kwargs)


class Database:
    """One database. Thread-safe; give every process its own.

    Args:
        url: `sqlite:////var/lib/quizzer/quizzer.db` or `postgresql://user@host/name`.

    Raises:
        SettingsError: for an address of no such kind.
    """

    def __init__(self, url: str) -> None:
        self.url = _read_url(url)
        self.is_sqlite = self.url.get_backend_name() == "sqlite"
        self._make_folder()
        extension = SQLAlchemy(
            metadata=Base.metadata,
            session_options={"class_": _BoundSession, "expire_on_commit": False},
        )
        self.engine = self._make_engine(extension)
        self._make_session = extension.session.session_factory
        self._write_lock = threading.Lock() if self.is_sqlite else nullcontext()
        self._of_thread = threading.local()

    @contextmanager
    def transaction(self) -> Iterator[Session]:
        """Yield a session that may write; commit at the end, roll back on any exception.

        Keep it short: on SQLite nobody else writes meanwhile.

        Raises:
            RuntimeError: if this thread already has one open (it would wait for itself).
        """
        if getattr(self._of_thread, "is_writing", False):
            raise RuntimeError("transactions do not nest: pass the session on")
        with self._write_lock, self._make_session(bind=self.engine) as session:
            self._of_thread.is_writing = True
            try:
                with session.begin():
                    yield session
            finally:
                self._of_thread.is_writing = False

    @contextmanager
    def snapshot(self) -> Iterator[Session]:
        """Yield a session that reads from one moment, waits for no writer, and cannot write."""
        with self._make_session(bind=self.engine) as session:
            session.connection(execution_options={READ_ONLY: True})
            yield session

    def close(self) -> None:
        """Close all connections."""
        self.engine.dispose()

    def use_wal(self) -> None:
        """Set SQLite's journal to WAL, once for the file's life; nothing elsewhere."""
        if not self.is_sqlite:
            return
        with self.engine.connect() as connection:
            # Outside a transaction: the mode cannot change within one.
            driver = connection.connection.driver_connection
            assert isinstance(driver, sqlite3.Connection)  # noqa: S101 - narrows for the checker
            driver.execute("PRAGMA journal_mode=WAL")

    def _make_folder(self) -> None:
        if self.is_sqlite and self.url.database not in (None, "", ":memory:"):
            Path(str(self.url.database)).resolve().parent.mkdir(parents=True, exist_ok=True)

    def _make_engine(self, extension: SQLAlchemy) -> Engine:
        carrier = Flask("quizzer.store")  # never serves; it carries the extension's settings
        carrier.config["SQLALCHEMY_DATABASE_URI"] = self._absolute_url()
        # What is stored holds keys, reports and hashes: an error's text goes to the log without it.
        carrier.config["SQLALCHEMY_ENGINE_OPTIONS"] = {"hide_parameters": True}
        extension.init_app(carrier)
        with carrier.app_context():
            engine = extension.engine
        if self.is_sqlite:
            event.listen(engine, "connect", _prepare_sqlite)
            event.listen(engine, "begin", _begin_sqlite)
        else:
            event.listen(engine, "begin", _begin_elsewhere)
            event.listen(engine, "handle_error", _hide_details)
        return engine

    def _absolute_url(self) -> URL:
        if not self.is_sqlite or self.url.database in (None, "", ":memory:"):
            return self.url
        # Flask-SQLAlchemy would read a relative path from its own folder, not from ours.
        return self.url.set(database=str(Path(str(self.url.database)).resolve()))


def read(
    session: Session, statement: Executable, parameters: Mapping[str, object]
) -> CursorResult[*tuple[Any, ...]]:
    """Return plain columns, past the ORM, which would take longer than the database.

    Nothing that the session has not flushed yet is seen; a whole entity comes as its columns. Where
    there are many rows, ask for `all`: one by one they take twice as long.
    """
    return session.connection().execute(statement, parameters)


def open_database(settings: Settings) -> Database:
    """Open the database that the settings name. Its tables must be there: see `upgrade`."""
    return Database(settings.database_url)


def _read_url(text: str) -> URL:
    # The text may hold a password: no complaint repeats it.
    try:
        url = make_url(text)
    except ArgumentError:
        raise SettingsError(_NO_DATABASE) from None
    if url.get_backend_name() == "sqlite":
        return url
    if url.get_backend_name() != "postgresql":
        raise SettingsError(_NO_DATABASE)
    require_psycopg()
    return url.set(drivername="postgresql+psycopg")


def require_psycopg() -> None:
    """Raise SettingsError unless this installation can talk to PostgreSQL."""
    if find_spec("psycopg") is None:
        raise SettingsError("PostgreSQL needs the package psycopg: pip install 'quizzer[postgres]'")


def _prepare_sqlite(connection: sqlite3.Connection, _record: object) -> None:
    connection.isolation_level = None  # the driver begins nothing by itself; `_begin_sqlite` does
    connection.execute("PRAGMA synchronous=FULL")
    connection.execute(f"PRAGMA busy_timeout={BUSY_TIMEOUT_MS}")
    connection.execute("PRAGMA foreign_keys=ON")


def _begin_sqlite(connection: Connection) -> None:
    is_read_only = connection.get_execution_options().get(READ_ONLY, False)
    # A write in a snapshot would be lost without a word; so it is an error.
    driver = connection.connection.driver_connection
    assert isinstance(driver, sqlite3.Connection)  # noqa: S101 - narrows for the checker
    driver.execute(f"PRAGMA query_only={'ON' if is_read_only else 'OFF'}")  # it waits for nobody
    if is_read_only:
        driver.execute("BEGIN")  # nor does this
    else:
        connection.exec_driver_sql("BEGIN IMMEDIATE")


def _begin_elsewhere(connection: Connection) -> None:
    if connection.get_execution_options().get(READ_ONLY, False):
        connection.execute(text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY"))


def _hide_details(context: ExceptionContext) -> None:
    """Leave out of an error's text what PostgreSQL quotes of rows in its details."""
    original = context.original_exception
    message = getattr(getattr(original, "diag", None), "message_primary", None)
    whole = str(original)
    if message and message != whole:
        for error in filter(None, (original, context.sqlalchemy_exception)):
            error.args = tuple(str(part).replace(whole, message) for part in error.args)
