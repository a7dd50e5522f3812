"""The content files of a folder: which there are, what they hold, whether they have changed.

`<root>/<lesson>/lesson.md` is a lesson, every other `<root>/<lesson>/*.md` a bank of it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from quizzer.banks.bank import parse_bank
from quizzer.banks.lessons import parse_lesson
from quizzer.banks.problems import Parsed, Problem, Value
from quizzer.banks.source import MAX_FILE_CHARACTERS
from quizzer.domain.items import Bank, Lesson

LESSON_FILE = "lesson.md"
IGNORED = ("README.md",)

Signature = tuple[tuple[str, int, int], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Files:
    """What was read, by path; `Parsed` values are None where a file has errors."""

    banks: Mapping[str, Parsed[Bank]]
    lessons: Mapping[str, Parsed[Lesson]]

    def list_versions(self) -> dict[str, Bank | Lesson]:
        """Return the value of every file that has one, by revision."""
        found: dict[str, Bank | Lesson] = {}
        found.update((one.revision, one.value) for one in self.banks.values() if one.value)
        found.update((one.revision, one.value) for one in self.lessons.values() if one.value)
        return found


class FileWatch:
    """Reads the files of a folder again when one of them has changed.

    Args:
        root: the folder of lessons.
    """

    def __init__(self, root: Path) -> None:
        self._root = root
        self._signature: Signature | None = None
        self._files = Files(banks={}, lessons={})

    def look(self) -> Files:
        """Return what the files hold now; the same object as before if none has changed."""
        signature = _sign(self._root)
        if signature != self._signature:
            self._files = read_files(self._root)
            self._signature = signature
        return self._files


def read_files(root: Path) -> Files:
    """Read all content files below `root`."""
    banks: dict[str, Parsed[Bank]] = {}
    lessons: dict[str, Parsed[Lesson]] = {}
    for path in _list_paths(root):
        if path.name == LESSON_FILE:
            lessons[str(path)] = parse_file(path, parse_lesson)
        else:
            banks[str(path)] = parse_file(path, parse_bank)
    return Files(banks=banks, lessons=lessons)


def parse_file(path: Path, parse: Callable[[str, str], Parsed[Value]]) -> Parsed[Value]:
    """Read one file; one that cannot be read is a file with an error."""
    try:
        content = path.read_bytes()
        if len(content) > 4 * MAX_FILE_CHARACTERS:  # the most that UTF-8 makes of them
            return _refuse(path, "the file is too large.")
        return parse(content.decode("utf-8"), str(path))
    except UnicodeDecodeError as error:
        return _refuse(path, f"the file is not UTF-8 (byte {error.start}).")
    except OSError as error:
        return _refuse(path, f"the file cannot be read: {error.strerror}.")


def _refuse(path: Path, message: str) -> Parsed[Value]:
    return Parsed(value=None, problems=(Problem(str(path), 1, "E100", message),))


def _list_paths(root: Path) -> tuple[Path, ...]:
    return tuple(sorted(path for path in root.glob("*/*.md") if path.name not in IGNORED))


def _sign(root: Path) -> Signature:
    """Return path, time of change in ns and size of every file."""
    found: list[tuple[str, int, int]] = []
    for path in _list_paths(root):
        try:
            status = path.stat()
        except FileNotFoundError:  # deleted since it was listed
            continue
        found.append((str(path), status.st_mtime_ns, status.st_size))
    return tuple(found)
