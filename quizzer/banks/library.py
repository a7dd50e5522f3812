"""A folder of content to a `Library`, and the shelf that keeps it up to date.

What has an error does not come into service; its last good version stays. Where proofs are run, the
same holds for what they contradict (see `admission`).
"""

from __future__ import annotations

import hashlib
import re
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TypeVar

from quizzer.banks.admission import Gate, Patience, Standing, keep_good, keep_proved
from quizzer.banks.agreement import find_disagreements, is_shown_alike
from quizzer.banks.bank import ITEM_HEADING, parse_bank
from quizzer.banks.files import LESSON_FILE, Files, FileWatch, parse_file, read_files
from quizzer.banks.lessons import PART_HEADING, parse_lesson
from quizzer.banks.lint import list_all_options
from quizzer.banks.pictures import Size, measure_pictures, size_pictures
from quizzer.banks.problems import Parsed, Problem
from quizzer.banks.rendering import render_text
from quizzer.domain.items import Bank, Item, Kind, Lesson, Text
from quizzer.domain.variants import draw_item

SECONDS_BETWEEN_LOOKS = 0.5

Content = TypeVar("Content", Bank, Lesson)
_NOTHING = Files(banks={}, lessons={})


@dataclass(frozen=True, slots=True, kw_only=True)
class Library:
    """All content in service.

    Attributes:
        banks: by id.
        lessons: by id, in the order in which they are learned.
        items: by key, `bank/item`, in the order of the files and within them.
        problems: what is wrong with the files as they are now.
        revision: changes whenever anything in service does.
        files: what is in service, by path.
        sizes: how large the pictures are, by address.
    """

    banks: Mapping[str, Bank]
    lessons: Mapping[str, Lesson]
    items: Mapping[str, Item]
    problems: tuple[Problem, ...]
    revision: str
    files: Files = field(default=_NOTHING, repr=False)
    sizes: Mapping[str, Size] = field(default_factory=dict, repr=False)
    _asked: dict[tuple[str, str], tuple[Item, ...]] = field(
        default_factory=dict, repr=False, compare=False, init=False
    )
    """What `list_items` has found, by lesson and mode: most pages ask, and nothing changes here."""
    _keys: dict[tuple[str, str], frozenset[str]] = field(
        default_factory=dict, repr=False, compare=False, init=False
    )
    """Likewise of `list_keys`."""

    def html(self, text: Text) -> str:
        """Return the fragment as HTML; all fragments of the library are rendered beforehand."""
        return size_pictures(render_text(text), self.sizes)

    def list_items(self, lesson_id: str, mode_name: str) -> tuple[Item, ...]:
        """Return the items of a lesson that serve a mode, in the order of the files.

        Those that wait for the values of their variables are left out: nobody can be asked.
        """
        found = self._asked.get((lesson_id, mode_name))
        if found is None:
            found = tuple(
                item
                for item in self.items.values()
                if mode_name in item.modes
                and self.banks[item.bank].lesson == lesson_id
                and not item.waits_for_draws
            )
            self._asked[lesson_id, mode_name] = found
        return found

    def list_keys(self, lesson_id: str, mode_name: str) -> frozenset[str]:
        """Return the keys of `list_items`."""
        found = self._keys.get((lesson_id, mode_name))
        if found is None:
            found = frozenset(item.key for item in self.list_items(lesson_id, mode_name))
            self._keys[lesson_id, mode_name] = found
        return found


def load_problems(path: Path) -> tuple[Problem, ...]:
    """Return what is wrong with one file, taken by itself, and what other sites show otherwise."""
    if path.name == LESSON_FILE:
        lesson = parse_file(path, parse_lesson)
        texts = _list_lesson_texts(lesson.value) if lesson.value else iter(())
        return tuple(sorted((*lesson.problems, *_compare(path, lesson.text, PART_HEADING, texts))))
    bank = parse_file(path, parse_bank)
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
            message = (
                "other sites show this otherwise; put empty lines around lists and code, and"
                " `<` and `~~` into back-ticks."
            )
            yield Problem(str(path), text.line, "W212", message)
    marks = find_disagreements(content, boundary) if is_accepted else ()
    for what, line, _ in marks:
        yield Problem(str(path), line, "W212", f"other sites do not see the same {what} here.")


def load_library(root: Path, *, previous: Library | None = None) -> Library:
    """Read all content under `root`; nothing is proved.

    Args:
        root: the folder of lessons.
        previous: where the last good version of a file that now has errors is taken from.
    """
    newest, served = read_files(root), previous.files if previous else _NOTHING
    return make_library(newest, _keep_good(newest, served))


def make_library(newest: Files, served: Files) -> Library:
    """Put together what comes into service.

    Args:
        newest: the files as they are now.
        served: the version of each that comes into service, with the problems to tell.
    """
    problems = [problem for one in served.banks.values() for problem in one.problems]
    problems += [problem for one in served.lessons.values() for problem in one.problems]
    lessons = _choose(served.lessons, problems)
    lessons = dict(sorted(lessons.items(), key=lambda pair: (pair[1].order, pair[0])))
    banks = _choose(served.banks, problems)
    banks = {name: _put_into_lesson(bank) for name, bank in banks.items()}
    _check_lessons_of_banks(banks, lessons, problems)
    items = {item.key: item for bank in banks.values() for item in bank.items}
    _check_references(newest.lessons, lessons, items, problems)
    for text in _list_texts(banks, lessons):
        render_text(text)
    return Library(
        banks=banks,
        lessons=lessons,
        items=items,
        problems=tuple(sorted(set(problems))),
        revision=_make_revision(banks, lessons),
        files=served,
        sizes=measure_pictures(lessons.values()),
    )


def _keep_good(newest: Files, served: Files) -> Files:
    return Files(
        banks=keep_good(newest.banks, served.banks),
        lessons=keep_good(newest.lessons, served.lessons),
    )


def _keep_proved(newest: Files, served: Files, standing: Standing, *, is_start: bool) -> Files:
    return Files(
        banks=keep_proved(newest.banks, served.banks, standing, is_start=is_start),
        lessons=keep_proved(newest.lessons, served.lessons, standing, is_start=is_start),
    )


def _choose(served: Mapping[str, Parsed[Content]], problems: list[Problem]) -> dict[str, Content]:
    """Return what comes into service, by id."""
    chosen: dict[str, Content] = {}
    for path, one in served.items():
        found = one.value
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
                complaint = _judge_reference(key, items) if key else ""
                if key and complaint:
                    line = _find_line(texts, key, part.line)
                    problems.append(Problem(path, line, "E196", complaint))
        missing = (name for name in one.value.requires if name not in lessons)
        problems.extend(
            Problem(path, _find_line(texts, name, 1), "E196", f"there is no lesson `{name}`.")
            for name in missing
        )


def _judge_reference(key: str, items: Mapping[str, Item]) -> str:
    """Return what is wrong with naming an item in a lesson, or nothing."""
    if key not in items:
        return f"there is no item `{key}`."
    if items[key].kind is Kind.RECALL:
        return (
            f"`{key}` is a recall card, which only reviews ask: what waits for it would never"
            " open. Name an item of another kind."
        )
    return ""


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
        for drawn in (item, *(draw_item(item, values) for values in item.draws)):
            yield from list_item_texts(drawn)


def _list_lesson_texts(lesson: Lesson) -> Iterator[Text]:
    for part in lesson.parts:
        yield part.text
        yield from (text for _, text in part.sections)


def list_item_texts(item: Item) -> Iterator[Text]:
    """Yield every fragment of an item that learners may come to see."""
    yield item.stem
    yield from item.hints
    yield from (text for text in (item.solution, item.mistakes, item.source, item.answer) if text)
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
        gate: tells which versions of files have passed their proofs; None to prove nothing.
        clock: seconds that only go forward.
    """

    def __init__(
        self,
        root: Path,
        *,
        gate: Gate | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.root = root
        self._watch = FileWatch(root)
        self._patience = None if gate is None else Patience(gate=gate)
        self._clock = clock
        self._lock = threading.Lock()
        self._library: Library | None = None
        self._newest = _NOTHING
        self._standing: Standing | None = None
        self._looked_at = 0.0

    def current(self) -> Library:
        """Return the library, having looked for changes at most twice a second.

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
        """Make the library anew if files or what is known of them has changed; the lock is held."""
        newest = self._watch.look()
        standing = self._ask(newest)
        if self._library is None or (newest, standing) != (self._newest, self._standing):
            served = self._admit(newest, standing)
            self._library = make_library(newest, served)
            self._newest, self._standing = newest, standing
        self._looked_at = self._clock()
        return self._library

    def _ask(self, newest: Files) -> Standing | None:
        if self._patience is None:
            return None
        served = self._library.files if self._library else _NOTHING
        return self._patience.ask(
            newest.list_versions(), served.list_versions(), now_s=self._clock()
        )

    def _admit(self, newest: Files, standing: Standing | None) -> Files:
        served = self._library.files if self._library else _NOTHING
        if standing is None:
            return _keep_good(newest, served)
        return _keep_proved(newest, served, standing, is_start=self._library is None)
