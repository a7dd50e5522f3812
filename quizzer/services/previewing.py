"""One file of questions while its author writes it: read anew when saved, proven when asked.

While the file has errors, its last version without any stays to be looked at.
"""

from __future__ import annotations

import hashlib
import secrets
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Self

from quizzer.banks.bank import list_item_spans, parse_bank
from quizzer.banks.files import LESSON_FILE, parse_file
from quizzer.banks.lessons import parse_lesson
from quizzer.banks.problems import Problem
from quizzer.domain.items import Bank, Item, Lesson
from quizzer.services.proving import Explanation, explain_item
from quizzer.services.proving.prover import OpenGrader, Running

LOOK_EVERY_S = 0.15
_Signature = tuple[int, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What came of running an item's proof.

    Attributes:
        explanation: what happened; its problems' lines are those of the file when it was run.
        line: the item's line at that time.
    """

    explanation: Explanation
    line: int

    @property
    def fails(self) -> bool:
        """Whether it contradicts what the file says."""
        return bool(self.explanation.problems)

    def list_problems(self, line: int) -> tuple[Problem, ...]:
        """Return the problems at the place where the item stands now."""
        return tuple(
            replace(one, line=one.line + line - self.line) for one in self.explanation.problems
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """A version of the file that could be read without errors.

    Attributes:
        text: the file's content.
        value: the bank or lesson in it.
        read_at: when it was read.
    """

    text: str
    value: Bank | Lesson
    read_at: datetime

    def list_items(self) -> tuple[Item, ...]:
        """Return the items; none of a lesson."""
        return self.value.items if isinstance(self.value, Bank) else ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Sight:
    """What there is to be seen of the file now.

    Attributes:
        mark: changes whenever anything else here does.
        text: the file as it is now.
        problems: what is wrong with that text, proofs not included.
        good: the last version without errors, or None if there never was one.
        outcomes: of the proofs that were run, by item id; only of items that are as they were then.
    """

    mark: str
    text: str
    problems: tuple[Problem, ...]
    good: Version | None
    outcomes: Mapping[str, Outcome]

    @property
    def is_broken(self) -> bool:
        """Whether what is to be seen is not what the file holds now."""
        return any(problem.is_error for problem in self.problems)


class Desk:
    """Keeps an eye on one file; safe to use from several threads.

    Args:
        path: the file, a bank or a `lesson.md`.
        open_grader: opens what runs proofs; called at the first proof.
    """

    def __init__(self, path: Path, *, open_grader: OpenGrader) -> None:
        self.path = path
        self._open_grader = open_grader
        self._stack = ExitStack()
        self._grader: Running | None = None
        self._lock = threading.Lock()
        self._proving = threading.Lock()
        self._closing = threading.Event()
        self._name = secrets.token_hex(4)  # so that a page notices that this is another process
        self._changes = 0
        self._signature: _Signature | None = None
        self._text = ""
        self._problems: tuple[Problem, ...] = ()
        self._good: Version | None = None
        self._outcomes: dict[str, Outcome] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def look(self) -> Sight:
        """Return what there is to be seen now, having read the file if it has changed."""
        with self._lock:
            mark = self._refresh()
            return Sight(
                mark=mark,
                text=self._text,
                problems=self._problems,
                good=self._good,
                outcomes=self._list_outcomes(),
            )

    def wait(self, mark: str, *, longest_s: float) -> str:
        """Return the mark as soon as it is another one, or as it is when time is up."""
        give_up_at = time.monotonic() + longest_s
        found = self._look_at_mark()
        while found == mark and time.monotonic() < give_up_at:
            if self._closing.wait(LOOK_EVERY_S):
                break
            found = self._look_at_mark()
        return found

    def prove(self, wanted: str | None = None) -> None:
        """Run the proof of an item, or of all, of the last version without errors.

        Args:
            wanted: the item's id, or None for all; an id that is not there proves nothing.

        Raises:
            GraderError: if this machine cannot contain them.
        """
        good = self.look().good
        if good is None or not isinstance(good.value, Bank):
            return
        hashes = _hash_items(good)
        for item in good.value.items:
            if wanted in (None, item.id):
                outcome = self._prove(good.value, item)
                with self._lock:
                    self._outcomes[hashes[item.id]] = outcome
                    self._changes += 1

    def stop_waiting(self) -> None:
        """Make everybody who waits return soon."""
        self._closing.set()

    def close(self) -> None:
        """End what runs proofs."""
        self.stop_waiting()
        with self._proving:
            self._stack.close()

    def _look_at_mark(self) -> str:
        with self._lock:
            return self._refresh()

    def _refresh(self) -> str:
        """Read the file if it has changed, and return the mark; the lock is held."""
        signature = _sign(self.path)
        if signature != self._signature or not self._changes:
            self._signature = signature
            self._read()
        return f"{self._name}-{self._changes}"

    def _read(self) -> None:
        """Read the file; the lock is held."""
        if self.path.name == LESSON_FILE:
            lesson = parse_file(self.path, parse_lesson)
            value: Bank | Lesson | None = lesson.value
            text, problems = lesson.text, lesson.problems
        else:
            bank = parse_file(self.path, parse_bank)
            value, text, problems = bank.value, bank.text, bank.problems
        if (text, problems) == (self._text, self._problems) and self._changes:
            return  # saved as it was
        self._changes += 1
        self._text, self._problems = text, problems
        if value is not None:
            self._good = Version(text=text, value=value, read_at=datetime.now().astimezone())

    def _prove(self, bank: Bank, item: Item) -> Outcome:
        with self._proving:
            if self._grader is None:
                self._grader = self._stack.enter_context(self._open_grader())
            explanation = explain_item(bank, item, self._grader)
        return Outcome(explanation=explanation, line=item.line)

    def _list_outcomes(self) -> dict[str, Outcome]:
        hashes = _hash_items(self._good) if self._good else {}
        known = ((name, self._outcomes.get(one)) for name, one in hashes.items())
        return {name: outcome for name, outcome in known if outcome is not None}


def list_spans(version: Version) -> Iterator[tuple[Item, range]]:
    """Yield each item of a version with the lines that are its own."""
    return list_item_spans(version.list_items(), version.text.count("\n") + 1)


def cut_lines(text: str, lines: Sequence[int]) -> tuple[tuple[int, str], ...]:
    """Return number and text of those lines of a text that it has."""
    every = text.split("\n")
    return tuple((number, every[number - 1]) for number in lines if 0 < number <= len(every))


def _hash_items(version: Version) -> dict[str, str]:
    """Return, by item id, a hash of all that its proof depends on, wherever it stands."""
    texts = version.text.split("\n")
    found: dict[str, str] = {}
    for item, lines in list_spans(version):
        own = "\n".join(texts[lines.start - 1 : lines.stop - 1]).rstrip()
        found[item.id] = hashlib.sha256(f"{version.value.prelude}\n\n{own}".encode()).hexdigest()
    return found


def _sign(path: Path) -> _Signature | None:
    """Return time of change in ns and size; None while there is no such file."""
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_mtime_ns, status.st_size
