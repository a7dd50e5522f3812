"""What every command begins with: the exercise that is meant, and a running grader."""

from __future__ import annotations

import contextlib
import difflib
import io
import logging
import os
import signal
import sys
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import FrameType

import click

from graders.facade import (
    Exercise,
    ExerciseError,
    Grader,
    GraderError,
    Level,
    list_exercises,
    load_exercise,
)
from graders.text import printable

NOT_ACCEPTED = 1
USAGE = 2
NOT_GRADED = 3
INTERRUPTED = 130
"""What shells report of a program that Ctrl+C ended."""

_LISTED = 5  # more keys than that are not read anyway
_LEVELS = [str(level) for level in Level if level is not Level.NONE]
level_option = click.option(
    "--level",
    type=click.Choice(_LEVELS),
    help="Containment to use; by default the best that `graders doctor` finds here.",
)
root_option = click.option(
    "--exercises",
    "root",
    type=click.Path(path_type=Path),
    default=Path("exercises"),
    show_default=True,
    help="Folder in which an exercise is looked up by its key.",
)


class NotGradedError(click.ClickException):
    """The exercise or this machine is at fault."""

    exit_code = NOT_GRADED


def prepare_terminal() -> None:
    """Write no colour where NO_COLOR asks for none, and `?` for what a terminal cannot show."""
    if os.environ.get("NO_COLOR"):
        click.get_current_context().color = False
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")


@contextlib.contextmanager
def interruptible() -> Iterator[None]:
    """End a command that Ctrl+C stops with one line and a status of its own.

    The keys reach the sandbox as well: whatever fails from then on fails of them, and may take the
    place of the exception on its way out.
    """
    asked = threading.Event()

    def interrupt(number: int, frame: FrameType | None) -> None:
        asked.set()
        signal.default_int_handler(number, frame)

    before = signal.signal(signal.SIGINT, interrupt)
    try:
        yield
    except BaseException as error:
        if not (asked.is_set() or isinstance(error, KeyboardInterrupt)):
            raise
        click.echo("\nInterrupted: nothing more is graded, and no file was written.", err=True)
        sys.exit(INTERRUPTED)
    finally:
        signal.signal(signal.SIGINT, before)


@contextlib.contextmanager
def quiet_when_interrupted() -> Iterator[None]:
    """Within a running grader: what Ctrl+C cuts short is no fault of the sandbox to be logged."""
    try:
        yield
    except KeyboardInterrupt:
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # the sandbox is being ended as it is
        logging.disable(logging.CRITICAL)
        raise


def find_exercise(name: str, root: Path) -> Path:
    """Return the folder that a path or a key names."""
    folders = [folder for folder in (Path(name), root / name) if _is_folder(folder)]
    for folder in folders:
        if (folder / "exercise.md").exists():
            return folder
    for folder in folders:
        _refuse_lesson(folder, name)
    if folders:
        return folders[0]
    raise click.UsageError(_say_unknown(name, root))


def open_exercise(folder: Path) -> Exercise:
    """Read an exercise; one that cannot be read ends the command with what is wrong."""
    try:
        return load_exercise(folder)
    except ExerciseError as error:
        message = f"the exercise cannot be used.\n{printable(str(error))}"
        raise NotGradedError(message) from error


def start_grader(level: str | None, *, idle: int = 2, is_proving: bool = False) -> Grader:
    """Start a grader; a machine that cannot ends the command, and level C is warned of.

    Args:
        level: containment to use; None for the best of this machine.
        idle: how many workers wait ready.
        is_proving: whether an author's proof is what grades.
    """
    try:
        grader = Grader(level=level, idle=idle, is_proving=is_proving)
    except GraderError as error:
        raise NotGradedError(
            f"{error}\nRun `graders doctor` to see what this machine lacks."
        ) from error
    if grader.level == Level.C:
        warning = "Level C: fit for your own code; see `graders doctor` before grading others'."
        click.secho(warning, err=True, fg="yellow")
    return grader


def _is_folder(path: Path) -> bool:
    try:
        return path.is_dir()
    except (OSError, ValueError):  # a name too long, or one that no file can have
        return False


def _refuse_lesson(folder: Path, name: str) -> None:
    """Tell whoever gives a lesson's folder which exercises it holds."""
    keys = [child.parent.name for child in sorted(folder.glob("*/exercise.md"))]
    if keys:
        known = ", ".join(f"{printable(name.rstrip('/'))}/{key}" for key in keys)
        raise click.UsageError(f"{printable(name)} is a folder of exercises; name one: {known}")


def _say_unknown(name: str, root: Path) -> str:
    shown = printable(name)
    if name.endswith(".py"):
        return f"{shown} is no exercise. Name the exercise first, then the files to grade."
    keys = ["/".join(path.parts[-2:]) for path in list_exercises(root)]
    if not keys:
        where = f"There are none below {printable(str(root))}"
        return f"there is no exercise {shown}. {where}: give its folder, or --exercises FOLDER."
    return f"there is no exercise {shown}{_suggest(name, keys)}"


def _suggest(name: str, keys: Sequence[str]) -> str:
    short = {key.rpartition("/")[2]: key for key in keys}
    close = difflib.get_close_matches(name, keys, n=1) or [
        short[found]
        for found in difflib.get_close_matches(name.rpartition("/")[2], list(short), n=1)
    ]
    if close:
        return f"; did you mean {close[0]}? (There are {len(keys)} in all.)"
    more = f" and {len(keys) - _LISTED} more" if len(keys) > _LISTED else ""
    return f".\nThere are {', '.join(keys[:_LISTED])}{more}."
