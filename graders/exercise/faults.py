"""Several faults of an exercise at once: an author mends them in one go."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from graders.errors import ExerciseError

Result = TypeVar("Result")


class Faults:
    """The faults that were found so far."""

    def __init__(self) -> None:
        self._found: list[ExerciseError] = []

    def add(self, error: ExerciseError) -> None:
        """Note a fault."""
        self._found.append(error)

    def attempt(self, read: Callable[[], Result]) -> Result | None:
        """Return what `read` does, or None where it found a fault, which is noted."""
        try:
            return read()
        except ExerciseError as error:
            self._found.append(error)
            return None

    def as_error(self) -> ExerciseError:
        """Return the first fault, with the others on lines of their own in its message."""
        first, *others = self._found
        message = "\n".join([first.message, *map(str, others)])
        return ExerciseError(first.path, first.line, message)

    def __bool__(self) -> bool:
        """Whether there are any."""
        return bool(self._found)
