"""`graders new`."""

from __future__ import annotations

import shlex
from pathlib import Path

import click

from graders.cli.opening import root_option
from graders.scaffold import ScaffoldError, make_exercise
from graders.text import printable

_KEY_PARTS = 2


@click.command("new")
@click.argument("exercise", metavar="EXERCISE")
@click.option("--title", help="What learners see; by default the name in words.")
@click.option("--entry", help="The function that is to be written; by default the example's.")
@root_option
def new_command(exercise: str, title: str | None, entry: str | None, root: Path) -> None:
    """Make the folder of a new exercise.

    EXERCISE is a key lesson/exercise below ./exercises, or a path that ends in these two (begin it
    with ./ or / where it has no more). The folder holds a small real exercise that verifies as it
    is: change it bit by bit, and verify again after each.
    """
    folder = _place(exercise, root)
    try:
        files = make_exercise(folder, title=title, entry=entry)
    except ScaffoldError as error:
        raise click.UsageError(printable(str(error))) from error
    click.secho(f"Made {printable(str(folder))}:", bold=True)
    click.echo("\n".join(f"  {name}" for name in files))
    click.echo(_next_steps(folder, files))


def _place(exercise: str, root: Path) -> Path:
    """Return the folder that is meant; what has the form of a key lies below the root."""
    path = Path(exercise)
    if len(path.parts) < _KEY_PARTS or ".." in path.parts[-_KEY_PARTS:]:
        shown = printable(exercise)
        raise click.UsageError(f"{shown} names no lesson; say lesson/exercise, or a path to it.")
    is_key = len(path.parts) == _KEY_PARTS and not exercise.startswith((".", "/"))
    return root / path if is_key else path


def _next_steps(folder: Path, files: tuple[str, ...]) -> str:
    wrong = next(name for name in files if "/wrong/" in name)
    place, file = shlex.quote(str(folder)), shlex.quote(str(folder / wrong))
    return (
        f"\nIt verifies as it is. Change it, and after each change:\n"
        f"  graders verify {place}\n"
        f"See what a learner is told:\n"
        f"  graders grade {place} {file}"
    )
