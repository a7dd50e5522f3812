"""What every command begins with: the exercise that is meant, and a running grader."""

from __future__ import annotations

from pathlib import Path

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

NOT_ACCEPTED = 1
USAGE = 2
NOT_GRADED = 3

_LEVELS = [str(level) for level in Level if level not in (Level.B0, Level.NONE)]
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


def find_exercise(name: str, root: Path) -> Path:
    """Return the folder that a path or a key names."""
    for folder in (Path(name), root / name):
        if folder.is_dir():
            return folder
    keys = ["/".join(path.parts[-2:]) for path in list_exercises(root)]
    known = f"; there are {', '.join(keys)}" if keys else ""
    raise click.UsageError(f"there is no exercise {name}{known}")


def open_exercise(folder: Path) -> Exercise:
    """Read an exercise; one that cannot be read ends the command with what is wrong."""
    try:
        return load_exercise(folder)
    except ExerciseError as error:
        raise NotGradedError(str(error)) from error


def start_grader(level: str | None) -> Grader:
    """Start a grader; a machine that cannot ends the command, and level C is warned of."""
    try:
        grader = Grader(level=level)
    except GraderError as error:
        raise NotGradedError(
            f"{error}\nRun `graders doctor` to see what this machine lacks."
        ) from error
    if grader.level == Level.C:
        warning = "Level C: fit for your own code; see `graders doctor` before grading others'."
        click.secho(warning, err=True, fg="yellow")
    return grader
