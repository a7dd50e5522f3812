"""The files that are to be graded: found before anything is started, read when their turn comes."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import click

from graders.cli.opening import NotGradedError
from graders.text import printable

_MOST_BYTES = (16 << 20) + 1  # far more than is graded; the byte tells that there is more still
STANDARD_INPUT = "-"


@dataclass(frozen=True, slots=True)
class Submission:
    """One file.

    Attributes:
        name: as it was given, or as it was found in a folder.
        source: its bytes, where they cannot be read a second time; None for an ordinary file.
    """

    name: str
    source: bytes | None = None

    def read(self) -> bytes:
        """Return the file's bytes, at most 16 MiB and one of them."""
        if self.source is not None:
            return self.source
        try:
            return _read(Path(self.name))
        except OSError as error:  # it could be read a moment ago
            raise NotGradedError(_say_unreadable(Path(self.name), error)) from error


def find_submissions(paths: Sequence[Path]) -> list[Submission]:
    """Return the files that are meant: a folder stands for its own *.py files.

    Raises:
        click.UsageError: naming the path at fault, where one is missing or cannot be read, or
            there are none.
    """
    return [submission for path in paths for submission in _find(path)]


def _find(path: Path) -> Iterator[Submission]:
    if str(path) == STANDARD_INPUT:
        yield Submission(STANDARD_INPUT, _read_standard_input())
    elif _is(path, "is_dir"):
        yield from _list_folder(path)
    else:
        yield _open(path)


def _list_folder(folder: Path) -> Iterator[Submission]:
    try:
        paths = sorted(path for path in folder.iterdir() if path.suffix == ".py")
    except OSError as error:
        raise click.UsageError(_say_unreadable(folder, error)) from error
    # What begins with a dot is no file that somebody handed in (macOS puts such beside each file).
    files = [path for path in paths if _is_plain(path) and not path.name.startswith(".")]
    if not files:
        below = any(folder.glob("*/*.py"))
        hint = " Its subfolders do: give these." if below else ""
        raise click.UsageError(f"there are no *.py files in {printable(str(folder))}.{hint}")
    yield from (_open(path) for path in files)


def _open(path: Path) -> Submission:
    """Make sure that a file can be read; one that can be read once only is read."""
    try:
        if path.is_file():
            with path.open("rb"):
                return Submission(str(path))
        return Submission(str(path), _read(path))
    except (OSError, ValueError) as error:
        raise click.UsageError(_say_unreadable(path, error)) from error


def _read(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(_MOST_BYTES)


def _read_standard_input() -> bytes:
    if sys.stdin.isatty():
        click.echo("Reading from the terminal; Ctrl+D ends it.", err=True)
    return sys.stdin.buffer.read(_MOST_BYTES)


def _is_plain(path: Path) -> bool:
    """Whether this is a file of the folder's own; a link might lead to somebody else's."""
    return _is(path, "is_file") and not path.is_symlink()


def _is(path: Path, question: str) -> bool:
    try:
        return bool(getattr(path, question)())
    except (OSError, ValueError):
        return False


def _say_unreadable(path: Path, error: Exception) -> str:
    reason = error.strerror if isinstance(error, OSError) else str(error)
    return f"cannot read {printable(str(path))}: {reason}"
