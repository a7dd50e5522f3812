"""What can go wrong that is not the learner's doing.

A learner's failure is a value (a verdict in a report). An exception means that the author of an
exercise, the platform or the machine is at fault.
"""

from __future__ import annotations

from pathlib import Path


class GraderError(Exception):
    """The base of every error that this package raises on purpose."""


class ExerciseError(GraderError):
    """An exercise folder that cannot be used.

    Args:
        path: the file at fault.
        line: the line in it, counted from 1, or None where the whole file is meant.
        message: what is wrong and how to mend it.
    """

    def __init__(self, path: Path, line: int | None, message: str) -> None:
        place = f"{path}:{line}" if line is not None else f"{path}"
        super().__init__(f"{place}: {message}")
        self.path = path
        self.line = line
        self.message = message


class SandboxError(GraderError):
    """The jail could not be started, or may not be used on this machine."""


class ProtocolError(GraderError):
    """Bytes from the jail that are no well-formed frame, or a frame that is no valid reply."""
