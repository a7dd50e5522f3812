"""A folder of content to a `Library`, and the shelf that keeps it up to date.

`<root>/<lesson>/lesson.md` is a lesson, every other `<root>/<lesson>/*.md` a bank of it. What has
an error does not come into service; its last good version stays.
"""

from __future__ import annotations

import hashlib
import re
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeVar

from quizzer.banks.agreement import find_disagreements, is_shown_alike
from quizzer.banks.bank import ITEM_HEADING, parse_bank
from quizzer.banks.lessons import PART_HEADING, parse_lesson
from quizzer.banks.lint import list_all_options
from quizzer.banks.problems import Parsed, Problem, Value
from quizzer.banks.rendering import render_text
from quizzer.banks.source import MAX_FILE_CHARACTERS
from quizzer.domain.items import Bank, Item, Lesson, Text

LESSON_FILE = "lesson.md"
IGNORED = ("README.md",)
SECONDS_BETWEEN_LOOKS = 0.5

Content = TypeVar("Content", Bank, Lesson)
Signature = tuple[tuple[str, int, int], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Library:
    """All content in service.

    Attributes:
        banks: by id.
        lessons: by id, in the order in which they are learned.
        items: by key, `bank/item`, in the order of the files and within them.
        problems: what is wrong with the files as they are now.
        revision: changes whenever anything in service does.
    """

    banks: Mapping[str, Bank]
    lessons: Mapping[str, Lesson]
    items: Mapping[str, Item]
    problems: tuple[Problem, ...]
    revision: str

    def html(self, text: Text) -> str:
        """Return the fragment as HTML; all fragments of the library are rendered beforehand."""
        return render_text(text)

    def list_items(self, lesson_id: str, mode_name: str) -> tuple[Item, ...]:
        """Return the items of a lesson that serve a mode, in the order of the files."""
        return tuple(
            item
            for item in self.items.values()
            if mode_name in item.modes and self.banks[item.bank].lesson == lesson_id
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Files:
    """What was read, by path; `Parsed` values are None where a file has errors."""

    banks: Mapping[str, Parsed[Bank]]
    lessons: Mapping[str, Parsed[Lesson]]


def load_problems(path: Path) -> tuple[Problem, ...]:
    """Return what is wrong with one file, taken by itself, and what other sites show otherwise."""
    if path.name == LESSON_FILE:
        lesson = _parse_file(path, parse_lesson)
        texts = _list_lesson_texts(lesson.value) if lesson.value else iter(())
        return tuple(sorted((*lesson.problems, *_compare(path, lesson.text, PART_HEADING, texts))))
    bank = _parse_file(path, parse_bank)
    texts = _list_bank_texts(bank.value) if bank.value else iter(())
    return tuple(sorted((*bank.problems, *_compare(path, bank.text, ITEM_HEADING, texts))))


def _compare(
    path: Path, content: str, boundary: re.Pattern[str], texts: Iterator[Text]
) -> Iterator[Problem]:
    """Yield a warning for each fragment that a CommonMark parser shows otherwise."""
    is_accepted = False
    for text in texts:
        is_accepted = True
        if not is_shown_alike(text):
            message = "other sites show this otherwise; put empty lines around lists and code."
            yield Problem(str(path), text.line, "W212", message)
    marks = find_disagreements(content, boundary) if is_accepted else ()
    for what, line, _ in marks:
        yield Problem(str(path), line, "W212", f"other sites do not see the same {what} here.")


def load_library(root: Path, *, previous: Library | None = None) -> Library:
    """Read all content under `root`.

    Args:
        root: the folder of lessons.
        previous: where the last good version of a file that now has errors is taken from.
    """
    files = _read_files(root)
    problems = [problem for one in files.banks.values() for problem in one.problems]
    problems += [problem for one in files.lessons.values() for problem in one.problems]
    lessons = _choose(files.lessons, previous.lessons if previous else {}, problems)
    lessons = dict(sorted(lessons.items(), key=lambda pair: (pair[1].order, pair[0])))
    banks = _choose(files.banks, previous.banks if previous else {}, problems)
    banks = {name: _put_into_lesson(bank) for name, bank in banks.items()}
    _check_lessons_of_banks(banks, lessons, problems)
    items = {item.key: item for bank in banks.values() for item in bank.items}
    _check_references(files.lessons, lessons, items, problems)
    for text in _list_texts(banks, lessons):
        render_text(text)
    return Library(
        banks=banks,
        lessons=lessons,
        items=items,
        problems=tuple(sorted(set(problems))),
        revision=_make_revision(banks, lessons),
    )


def _list_paths(root: Path) -> tuple[Path, ...]:
    return tuple(sorted(path for path in root.glob("*/*.md") if path.name not in IGNORED))


def _read_files(root: Path) -> _Files:
    banks: dict[str, Parsed[Bank]] = {}
    lessons: dict[str, Parsed[Lesson]] = {}
    for path in _list_paths(root):
        if path.name == LESSON_FILE:
            lessons[str(path)] = _parse_file(path, parse_lesson)
        else:
            banks[str(path)] = _parse_file(path, parse_bank)
    return _Files(banks=banks, lessons=lessons)


def _parse_file(path: Path, parse: Callable[[str, str], Parsed[Value]]) -> Parsed[Value]:
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


def _choose(
    parsed: Mapping[str, Parsed[Content]], previous: Mapping[str, Content], problems: list[Problem]
) -> dict[str, Content]:
    """Return what comes into service, by id; a broken file gives its last good version."""
    before = {one.path: one for one in previous.values()}
    chosen: dict[str, Content] = {}
    for path, one in parsed.items():
        found = one.value or before.get(path)
        if found and found.id in chosen:
            message = f"the id `{found.id}` is taken by {chosen[found.id].path}."
            problems.append(Problem(path, 1, "E196", message))
        elif found:
            chosen[found.id] = found
    return chosen


def _put_into_lesson(bank: Bank) -> Bank:
    """A bank that names no lesson is of the one in whose folder it lies."""
    return replace(bank, lesson=bank.lesson or Path(bank.path).parent.name)


def _check_lessons_of_banks(
    banks: Mapping[str, Bank], lessons: Mapping[str, Lesson], problems: list[Problem]
) -> None:
    for bank in banks.values():
        if bank.lesson not in lessons:
            message = f"there is no lesson `{bank.lesson}`."
            problems.append(Problem(bank.path, 1, "E196", message))


def _check_references(
    parsed: Mapping[str, Parsed[Lesson]],
    lessons: Mapping[str, Lesson],
    items: Mapping[str, Item],
    problems: list[Problem],
) -> None:
    """Complain where a lesson names an item or a lesson that is not there."""
    for path, one in parsed.items():
        if one.value is None:
            continue
        texts = one.text.split("\n")
        for part in one.value.parts:
            for key in (part.predict, *part.items):
                if key is not None and key not in items:
                    line = _find_line(texts, key, part.line)
                    problems.append(Problem(path, line, "E196", f"there is no item `{key}`."))
        missing = (name for name in one.value.requires if name not in lessons)
        problems.extend(
            Problem(path, _find_line(texts, name, 1), "E196", f"there is no lesson `{name}`.")
            for name in missing
        )


def _find_line(texts: Sequence[str], name: str, start: int) -> int:
    """Return the first line from `start` on that holds `name`, or `start` where none does."""
    later = range(start, len(texts) + 1)
    return next((number for number in later if name in texts[number - 1]), start)


def _list_texts(banks: Mapping[str, Bank], lessons: Mapping[str, Lesson]) -> Iterator[Text]:
    for bank in banks.values():
        yield from _list_bank_texts(bank)
    for lesson in lessons.values():
        yield from _list_lesson_texts(lesson)


def _list_bank_texts(bank: Bank) -> Iterator[Text]:
    if bank.intro:
        yield bank.intro
    for item in bank.items:
        yield from list_item_texts(item)


def _list_lesson_texts(lesson: Lesson) -> Iterator[Text]:
    for part in lesson.parts:
        yield part.text
        yield from (text for _, text in part.sections)


def list_item_texts(item: Item) -> Iterator[Text]:
    """Yield every fragment of an item that learners may come to see."""
    yield item.stem
    yield from item.hints
    yield from (text for text in (item.solution, item.mistakes, item.source) if text)
    for option in list_all_options(item):
        yield option.text
        if option.feedback:
            yield option.feedback


def _make_revision(banks: Mapping[str, Bank], lessons: Mapping[str, Lesson]) -> str:
    digest = hashlib.sha256()
    for value in (*banks.values(), *lessons.values()):
        digest.update(repr(value).encode())
    return digest.hexdigest()[:16]


class LibraryShelf:
    """Gives the current library; safe to use from several threads.

    Args:
        root: the folder of lessons.
        clock: seconds that only go forward.
    """

    def __init__(self, root: Path, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._root = root
        self._clock = clock
        self._lock = threading.Lock()
        self._library: Library | None = None
        self._signature: Signature = ()
        self._looked_at = 0.0

    def current(self) -> Library:
        """Return the library, having looked for changed files at most twice a second.

        While one thread reads changed files, others are given the library as it was.
        """
        library = self._library
        if library is None:
            with self._lock:
                return self._library or self._load()
        if self._clock() - self._looked_at < SECONDS_BETWEEN_LOOKS:
            return library
        if not self._lock.acquire(blocking=False):
            return library
        try:
            return self._load()
        finally:
            self._lock.release()

    def _load(self) -> Library:
        """Read the files if they have changed; the lock is held."""
        signature = _sign(self._root)
        if self._library is None or signature != self._signature:
            self._library = load_library(self._root, previous=self._library)
            self._signature = signature
        self._looked_at = self._clock()
        return self._library


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
