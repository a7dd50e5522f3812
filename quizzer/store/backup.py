"""Backups of a database in use."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from pathlib import Path

from sqlalchemy import make_url

from quizzer.errors import ConflictError, NotFoundError


def back_up(database_url: str, target: Path) -> None:
    """Copy a SQLite database to a file, whole and consistent, while others read and write it.

    The file appears at the end only; one of the same name is replaced.

    Raises:
        ConflictError: for another database than SQLite, which has tools of its own.
        NotFoundError: if there is no database yet.
    """
    url = make_url(database_url)
    if url.get_backend_name() != "sqlite":
        raise ConflictError("This backs up SQLite. For PostgreSQL use pg_dump.")
    source = Path(str(url.database))
    if not source.is_file():
        raise NotFoundError(f"There is no database at {source} yet.")
    draft = target.with_name(f".{target.name}.{os.getpid()}")
    try:
        with closing(sqlite3.connect(source)) as live, closing(sqlite3.connect(draft)) as copy:
            live.backup(copy)
            copy.execute("PRAGMA journal_mode=DELETE")  # one file, nothing beside it
        draft.replace(target)
    finally:
        draft.unlink(missing_ok=True)
