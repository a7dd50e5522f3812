"""Complaints about content files, each with its place and its code."""

from __future__ import annotations

import difflib
import hashlib
import heapq
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Generic, TypeVar

Value = TypeVar("Value")
MAX_ERROR_LINES = 1_000
MAX_CANDIDATES = 50  # for a suggestion; comparing them takes its time


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """One complaint. Problems sort by file, line and code.

    Attributes:
        path: the file, as the author knows it.
        line: the line in it, counted from 1.
        code: a code of docs/format.md; `E` and `P` are errors, `W` warnings.
        message: what is wrong and how to mend it.
    """

    path: str
    line: int
    code: str
    message: str

    @property
    def is_error(self) -> bool:
        """Whether the file cannot be used until this is mended."""
        return self.code[0] in "EP"

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.code} {self.message}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Parsed(Generic[Value]):
    """What came of a file.

    Attributes:
        value: None if there are errors.
        problems: all complaints.
        text: the file as it was read; it may have changed since.
    """

    value: Value | None
    problems: tuple[Problem, ...]
    text: str = ""

    @property
    def revision(self) -> str:
        """A hash of the text: what was found out about one text holds for no other."""
        return hashlib.sha256(self.text.encode()).hexdigest()


class TooManyErrorsError(Exception):
    """Raised to stop reading: nobody mends a file by its thousandth error."""


@dataclass(slots=True)
class Complaints:
    """Collects the problems of one file."""

    path: str
    problems: set[Problem] = field(default_factory=set)
    error_lines: set[int] = field(default_factory=set)

    def add(self, line: int, code: str, message: str) -> None:
        """Record one complaint; the same one twice counts once."""
        problem = Problem(self.path, line, code, message)
        self.problems.add(problem)
        if problem.is_error:
            self.error_lines.add(line)
            if len(self.error_lines) > MAX_ERROR_LINES:
                raise TooManyErrorsError

    def has_errors(self) -> bool:
        """Whether any complaint so far is an error."""
        return bool(self.error_lines)

    def has_errors_between(self, first: int, last: int) -> bool:
        """Whether an error lies on the lines `first` to `last`, both included."""
        return bool(self.error_lines) and any(
            line in self.error_lines for line in range(first, last + 1)
        )

    def conclude(self, read: Callable[[], Value | None], text: str) -> Parsed[Value]:
        """Return what `read` makes of the file of that text: no value where there is an error."""
        try:
            value = read()
        except TooManyErrorsError:
            value = None
            message = f"errors on more than {MAX_ERROR_LINES:,} lines; mend these first."
            self.problems.add(Problem(self.path, max(self.error_lines), "E100", message))
        return Parsed(
            value=None if self.has_errors() else value,
            problems=tuple(sorted(self.problems)),
            text=text,
        )


def suggest(word: str, known: Iterable[str]) -> str:
    """Return ` Did you mean ...?` for the known word nearest to `word`, or an empty string."""
    alike = heapq.nsmallest(MAX_CANDIDATES, known, key=lambda name: abs(len(name) - len(word)))
    by_lower = {name.lower(): name for name in alike}
    near = difflib.get_close_matches(word.lower()[:100], list(by_lower), n=1)
    return f" Did you mean `{by_lower[near[0]]}`?" if near else ""
