"""The exercises in service: read from their folder, noticed when changed, never lost to a typo."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType

from quizzer.services.submitting import Exercise, ExerciseError, list_exercises, load_exercise

Stamp = tuple[tuple[str, int, int], ...]
"""Name, modification time (ns) and size of each file that makes an exercise."""

_FILES = ("exercise.md", "starter.py", "reference.py", "checks.py")


class ExerciseShelf:
    """The exercises of a folder, as they are now. Thread-safe.

    A changed file is noticed within half a second or so, without a restart. An exercise that no
    longer loads keeps its last good version in service, and its problem is listed.

    Args:
        root: folder of `<lesson>/<exercise>` folders.
        interval_s: seconds between two looks at the files.
        clock: seconds that only grow.
    """

    def __init__(
        self, root: Path, *, interval_s: float = 0.5, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._root = root
        self._interval_s = interval_s
        self._clock = clock
        self._lock = threading.Lock()
        self._next_look = clock()
        self._stamps: dict[Path, Stamp] = {}
        self._loaded: dict[Path, Exercise] = {}
        self._faults: dict[Path, ExerciseError] = {}
        self._exercises: Mapping[str, Exercise] = MappingProxyType({})

    def current(self) -> Mapping[str, Exercise]:
        """Return the exercises in service by key, sorted."""
        with self._lock:
            if self._clock() >= self._next_look:
                self._look()
                self._next_look = self._clock() + self._interval_s
            return self._exercises

    @property
    def problems(self) -> tuple[ExerciseError, ...]:
        """What keeps exercises, or newer versions of them, out of service."""
        self.current()
        with self._lock:
            return tuple(self._faults[folder] for folder in sorted(self._faults))

    def _look(self) -> None:
        stamps = {folder: _stamp(folder) for folder in list_exercises(self._root)}
        changed = [folder for folder in stamps if stamps[folder] != self._stamps.get(folder)]
        gone = [folder for folder in self._stamps if folder not in stamps]
        self._stamps = stamps
        for folder in gone:
            self._loaded.pop(folder, None)
            self._faults.pop(folder, None)
        for folder in changed:
            self._load(folder)
        if changed or gone:
            found = sorted(self._loaded.values(), key=lambda exercise: exercise.key)
            self._exercises = MappingProxyType({exercise.key: exercise for exercise in found})

    def _load(self, folder: Path) -> None:
        try:
            self._loaded[folder] = load_exercise(folder)
        except ExerciseError as error:
            self._faults[folder] = error
        else:
            self._faults.pop(folder, None)


def _stamp(folder: Path) -> Stamp:
    found = []
    for name in _FILES:
        path = folder / name
        if path.is_file():
            status = path.stat()
            found.append((name, status.st_mtime_ns, status.st_size))
    return tuple(found)
