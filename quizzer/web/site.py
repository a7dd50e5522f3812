"""What the running site is made of, reachable from any view."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import cast

from flask import current_app

from quizzer.banks.library import LibraryShelf
from quizzer.services.catalogue import ExerciseShelf
from quizzer.services.submitting import Bell
from quizzer.store.db import Database

EXTENSION = "quizzer"


def read_clock() -> datetime:
    """Return the time, in UTC."""
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """The parts that views use.

    Attributes:
        database: where transactions come from.
        library: the shelf of banks and lessons.
        exercises: the shelf of exercises.
        bell: tells the worker that a run waits.
        now: the clock; tests give one of their own.
    """

    database: Database
    library: LibraryShelf
    exercises: ExerciseShelf
    bell: Bell
    now: Callable[[], datetime] = read_clock


def get_site() -> Site:
    """Return the site of the running application."""
    return cast("Site", current_app.extensions[EXTENSION])


def name_place(path: str | Path, line: int) -> str:
    """Return a line of a content file as `file:line`, the file from its folder of content on."""
    site, file = get_site(), Path(path)
    roots = (site.library.root, site.exercises.root)
    root = next((root for root in roots if file.is_relative_to(root)), None)
    return f"{file.relative_to(root) if root else file}:{line}"
