"""The runs behind a lesson's sliders: read from the file beside the lesson, and kept."""

from __future__ import annotations

import json
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

from quizzer.domain.attempts import ShownAttempt
from quizzer.domain.items import Lesson
from quizzer.domain.traces import Knob, Look, Numbers, Run, Traces, find_fault
from quizzer.errors import BankError
from quizzer.services import looking
from quizzer.services.sitting import Library
from quizzer.store import attempts
from quizzer.store.db import Database

MODE = "visualize"
FILE = "traces.json"
_MOST_KEPT = 16


def has_traces(lesson: Lesson) -> bool:
    """Return whether there are runs beside a lesson's file; they may still be unusable."""
    return _find_path(lesson).is_file()


def find_traces(lesson: Lesson) -> Traces | None:
    """Return the runs that lie beside a lesson's file, or None if it has none.

    Raises:
        BankError: if the file cannot be used.
    """
    path = _find_path(lesson)
    try:
        status = path.stat()
    except FileNotFoundError:
        return None
    return _load(path, status.st_mtime_ns, status.st_size)


def look_at_closing(
    database: Database, library: Library, *, user_id: int, lesson: str, now: datetime
) -> ShownAttempt | None:
    """Return the learner's latest round of closing questions of a lesson, or None before it."""
    with database.snapshot() as session:
        found = attempts.find_latest_attempt(session, user_id=user_id, mode=MODE, lesson=lesson)
    if found is None:
        return None
    return looking.look_at_attempt(database, library, attempt_id=found.id, user_id=user_id, now=now)


def _find_path(lesson: Lesson) -> Path:
    return Path(lesson.path).resolve().parent / FILE


@lru_cache(maxsize=_MOST_KEPT)
def _load(path: Path, changed_ns: int, size: int) -> Traces:
    """Read a file; a changed one has another time or size, and is read anew."""
    del changed_ns, size
    try:
        traces = parse_traces(json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError, KeyError, TypeError, IndexError) as error:
        raise _refuse(path, f"{type(error).__name__}: {error}") from error
    fault = find_fault(traces)
    if fault:
        raise _refuse(path, fault)
    return traces


def _refuse(path: Path, fault: str) -> BankError:
    message = f"the runs cannot be shown: {fault}. Make the file anew with runs/traces.py."
    return BankError(f"{path.parent.name}/{path.name}", 1, "E100", message)


def parse_traces(found: dict[str, Any]) -> Traces:
    """Turn the file's values into traces; whether they fit together is for `find_fault`.

    Raises:
        KeyError, TypeError, ValueError: for something else than a script of a lesson writes.
    """
    highs = found["highs"]
    return Traces(
        about=tuple(map(str, found["about"])),
        loss=str(found["loss"]),
        inputs=str(found["inputs"]),
        truth=None if found["truth"] is None else _read_numbers(found["truth"]),
        columns=None if found["columns"] is None else int(found["columns"]),
        without=str(found["without"]),
        without_label=str(found["without_label"]),
        high_loss=float(highs["loss"]),
        high_norm=float(highs["norm"]),
        high_weight=float(highs["weight"]),
        steps=tuple(map(int, found["steps"])),
        looks=tuple(Look(text=str(one["text"]), at=tuple(one["at"])) for one in found["looks"]),
        start=tuple(map(int, found["start"])),
        knobs=tuple(map(_read_knob, found["knobs"])),
        runs=tuple(map(_read_run, found["runs"])),
    )


def _read_knob(found: dict[str, Any]) -> Knob:
    values = tuple(value if isinstance(value, str) else float(value) for value in found["values"])
    return Knob(name=str(found["name"]), label=str(found["label"]), values=values)


def _read_run(found: dict[str, Any]) -> Run:
    return Run(
        training=_read_numbers(found["training"]),
        new=_read_numbers(found["new"]),
        zeros=_read_numbers(found["zeros"]),
        small=_read_numbers(found["small"]),
        norm=_read_numbers(found["norm"]),
        weights=_read_numbers(found["weights"]),
    )


def _read_numbers(found: list[Any]) -> Numbers:
    return tuple(None if number is None else float(number) for number in found)
