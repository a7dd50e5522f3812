"""The exercises in service: from their folder and from the banks, noticed when changed.

None is lost to a typo.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType

from quizzer.domain.items import Bank
from quizzer.services.inline import (
    InlineFault,
    list_code_problems,
    list_inline_items,
    make_inline_exercise,
)
from quizzer.services.submitting import Exercise, ExerciseError, list_exercises, load_exercise

Banks = Mapping[str, Bank]
"""The banks in service, by id; the same object as long as none has changed."""

Stamp = tuple[tuple[str, int, int], ...]
"""Name, modification time (ns) and size of each file that makes an exercise."""

_FILES = ("exercise.md", "starter.py", "reference.py", "checks.py")
_NO_BANKS: Banks = MappingProxyType({})


def _have_no_banks() -> Banks:
    return _NO_BANKS


class ExerciseShelf:
    """The exercises of a folder and of the banks, as they are now. Thread-safe.

    A changed file is noticed within half a second or so, without a restart. An exercise that no
    longer loads keeps its last good version in service, and its problem is listed. Which version
    of a bank is in service is for the library to say.

    Args:
        root: folder of `<lesson>/<exercise>` folders.
        banks: gives the banks in service, whose items may bring exercises of their own.
        interval_s: seconds between two looks at the files.
        clock: seconds that only grow.
    """

    def __init__(
        self,
        root: Path,
        *,
        banks: Callable[[], Banks] = _have_no_banks,
        interval_s: float = 0.5,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.root = root
        self._list_banks = banks
        self._interval_s = interval_s
        self._clock = clock
        self._lock = threading.Lock()
        self._next_look = clock()
        self._stamps: dict[Path, Stamp] = {}
        self._loaded: dict[Path, Exercise] = {}
        self._faults: dict[Path, ExerciseError] = {}
        self._banks = _NO_BANKS
        self._faults_in_banks: list[ExerciseError] = []
        self._listed: Mapping[str, Exercise] = MappingProxyType({})
        self._exercises: Mapping[str, Exercise] = MappingProxyType({})

    def current(self) -> Mapping[str, Exercise]:
        """Return the exercises in service by key, sorted: those of banks as well."""
        self._refresh()
        return self._exercises

    def seen(self) -> Mapping[str, Exercise]:
        """Return the exercises as they were at the last look; looks at no file."""
        return self._exercises

    def listed(self) -> Mapping[str, Exercise]:
        """Return those that are offered by themselves: not the ones that a question brings."""
        self._refresh()
        return self._listed

    @property
    def problems(self) -> tuple[ExerciseError, ...]:
        """What keeps exercises, or newer versions of them, out of service."""
        self._refresh()
        with self._lock:
            of_folders = (self._faults[folder] for folder in sorted(self._faults))
            return (*of_folders, *self._faults_in_banks)

    def _refresh(self) -> None:
        banks = self._list_banks()  # outside the lock: it may take a while
        with self._lock:
            has_changed = False
            if self._clock() >= self._next_look:
                has_changed = self._look()
                self._next_look = self._clock() + self._interval_s
            if has_changed or banks is not self._banks:
                self._combine(banks)

    def _combine(self, banks: Banks) -> None:
        """Put the exercises of folders and banks together; folders go first."""
        self._banks = banks
        made = [
            make_inline_exercise(bank, item)
            for bank in banks.values()
            for item in list_inline_items(bank)
        ]
        inline = {one.key: one for one in made if not isinstance(one, InlineFault)}
        self._exercises = _sort({**inline, **self._listed})
        self._faults_in_banks = [
            ExerciseError(Path(one.path), one.line, one.message)
            for one in list_code_problems(banks.values(), self._exercises)
        ]

    def _look(self) -> bool:
        """Read the folders that have changed; return whether there were any."""
        stamps = {folder: _stamp(folder) for folder in list_exercises(self.root)}
        changed = [folder for folder in stamps if stamps[folder] != self._stamps.get(folder)]
        gone = [folder for folder in self._stamps if folder not in stamps]
        self._stamps = stamps
        for folder in gone:
            self._loaded.pop(folder, None)
            self._faults.pop(folder, None)
        for folder in changed:
            self._load(folder)
        if changed or gone:
            self._listed = _sort({one.key: one for one in self._loaded.values()})
        return bool(changed or gone)

    def _load(self, folder: Path) -> None:
        try:
            self._loaded[folder] = load_exercise(folder)
        except ExerciseError as error:
            self._faults[folder] = error
        else:
            self._faults.pop(folder, None)


def _sort(exercises: Mapping[str, Exercise]) -> Mapping[str, Exercise]:
    return MappingProxyType(dict(sorted(exercises.items())))


def _stamp(folder: Path) -> Stamp:
    found = []
    for name in _FILES:
        path = folder / name
        if path.is_file():
            status = path.stat()
            found.append((name, status.st_mtime_ns, status.st_size))
    return tuple(found)
