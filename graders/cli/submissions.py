"""The files that are to be graded: found before anything is started, read when their turn comes."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import click

from graders.cli.opening import NotGradedError
from graders.text import printable

_MOST_BYTES = (16 << 20) + 1  # far more than is graded; the byte tells that there is more still
STANDARD_INPUT = "-"
SUFFIX = ".py"
_NAMED = 8  # of what was passed over
_KERNELS = (("/", "dev"), ("/", "proc"))  # /dev/stdin and a shell's <(…) are links there

follow_links_option = click.option(
    "--follow-links", is_flag=True, help="Grade what a link leads to; without it, none is."
)


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


@dataclass(frozen=True, slots=True)
class Found:
    """What a command is to grade.

    Attributes:
        submissions: the files, in the order in which they were given.
        passed_over: what else lies in the given folders, each with the reason why it is no
            submission.
    """

    submissions: list[Submission] = field(default_factory=list)
    passed_over: list[str] = field(default_factory=list)

    def say(self) -> str:
        """Say what was passed over, in one line; empty where nothing was."""
        count = len(self.passed_over)
        if not count:
            return ""
        names = ", ".join(self.passed_over[:_NAMED])
        more = f" and {count - _NAMED} more" if count > _NAMED else ""
        graded = f"Graded {len(self.submissions)}" if self.submissions else "Graded none"
        return f"{graded}; passed over {count}: {names}{more}."


def find_submissions(paths: Sequence[Path], *, follow_links: bool = False) -> Found:
    """Return the files that are meant: a folder stands for its own *.py files.

    Args:
        paths: files, folders, and - for standard input.
        follow_links: whether a link stands for what it leads to. Who hands a file in can hand in
            a link to somebody else's, and reports quote what they are about.

    Raises:
        click.UsageError: naming the path at fault, where one is missing, cannot be read or is a
            link, or there are none.
    """
    found = Found()
    for path in paths:
        if str(path) == STANDARD_INPUT:
            found.submissions.append(Submission(STANDARD_INPUT, _read_standard_input()))
            continue
        if not follow_links:
            _refuse_link(path)
        if _is(path, "is_dir"):
            _list_folder(path, found, follow_links=follow_links)
        else:
            found.submissions.append(_open(path))
    return found


def _refuse_link(path: Path) -> None:
    """Refuse a path that is a link or leads through one, except to what the kernel shows so."""
    if path.parts[:2] in _KERNELS:
        return
    link = next((part for part in (path, *path.parents) if _is(part, "is_symlink")), None)
    if link is not None:
        message = (
            f"{printable(str(link))} is a link, and might lead to somebody else's file. Name the "
            "file itself, or give --follow-links if you know where it leads."
        )
        raise click.UsageError(message)


def _list_folder(folder: Path, found: Found, *, follow_links: bool) -> None:
    try:
        # What begins with a dot was handed in by nobody (macOS puts such beside each file).
        paths = sorted(path for path in folder.iterdir() if not path.name.startswith("."))
    except OSError as error:
        raise click.UsageError(_say_unreadable(folder, error)) from error
    reasons = {path: _find_reason(path, follow_links=follow_links) for path in paths}
    files = [path for path in paths if not reasons[path]]
    if not files:
        below = any(folder.glob("*/*.py"))
        hint = " Its subfolders do: give these." if below else ""
        raise click.UsageError(f"there are no *.py files in {printable(str(folder))}.{hint}")
    found.submissions.extend(_open(path) for path in files)
    found.passed_over.extend(
        f"{printable(str(path))} ({reason})" for path, reason in reasons.items() if reason
    )


def _find_reason(path: Path, *, follow_links: bool) -> str:
    """Say why something in a folder is no submission; empty where it is one."""
    if _is(path, "is_symlink") and not follow_links:
        return "a link"
    if _is(path, "is_dir"):
        return "a folder"
    if path.suffix.lower() != SUFFIX:
        return "no .py file"
    return "" if _is(path, "is_file") else "no ordinary file"


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


def _is(path: Path, question: str) -> bool:
    try:
        return bool(getattr(path, question)())
    except (OSError, ValueError):
        return False


def _say_unreadable(path: Path, error: Exception) -> str:
    reason = error.strerror if isinstance(error, OSError) else str(error)
    return f"cannot read {printable(str(path))}: {reason}"
