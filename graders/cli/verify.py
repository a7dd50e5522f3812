"""`graders verify`."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from pathlib import Path

import click

from graders.cli import opening
from graders.cli.opening import (
    NOT_ACCEPTED,
    find_exercise,
    level_option,
    root_option,
)
from graders.facade import ExerciseError, Grader, list_exercises, load_exercise
from graders.verify import Verification, render_matrix, verify


@click.command("verify")
@click.argument("exercises", nargs=-1, metavar="[EXERCISE…]")
@click.option("--seeds", type=click.IntRange(min=2), default=20, show_default=True)
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text")
@root_option
@level_option
def verify_command(
    exercises: tuple[str, ...],
    seeds: int,
    form: str,
    root: Path,
    level: str | None,
) -> None:
    """Prove the checks of each EXERCISE, or of all.

    The reference must pass under every seed and the starter must not; every file below
    submissions/ must get its folder's verdict and fail exactly the checks that its first line
    names; every check must catch one of them.
    """
    folders = [find_exercise(name, root) for name in exercises] or list(list_exercises(root))
    if not folders:
        raise click.UsageError(f"there are no exercises below {root}")
    outcomes = []
    with opening.start_grader(level) as grader:
        for folder in folders:
            outcomes.append(_verify_one(folder, grader, seeds, show_progress=form == "text"))
            if form == "text":
                _print_outcome(folder, outcomes[-1])
    if form == "json":
        click.echo(json.dumps({"exercises": [_as_json(outcome) for outcome in outcomes]}, indent=2))
    proven = all(isinstance(outcome, Verification) and not outcome.problems for outcome in outcomes)
    sys.exit(0 if proven else NOT_ACCEPTED)


def _verify_one(
    folder: Path, grader: Grader, seeds: int, *, show_progress: bool
) -> Verification | ExerciseError:
    try:
        exercise = load_exercise(folder)
    except ExerciseError as error:
        return error
    steps = 2 + len(exercise.submissions)
    with click.progressbar(
        length=steps, label=exercise.key, file=sys.stderr, hidden=not show_progress
    ) as bar:
        return verify(exercise, grader, seeds=seeds, on_step=lambda _name: bar.update(1))


def _print_outcome(folder: Path, outcome: Verification | ExerciseError) -> None:
    if isinstance(outcome, ExerciseError):
        click.secho(f"{folder}: cannot be read", bold=True)
        click.secho(f"  {outcome}\n", fg="red")
        return
    click.secho(outcome.exercise, bold=True)
    click.echo(render_matrix(outcome))
    for problem in outcome.problems:
        click.secho(f"  {problem}", fg="red")
    if not outcome.problems:
        click.secho(f"  proven by {len(outcome.rows)} submissions", fg="green")
    click.echo()


def _as_json(outcome: Verification | ExerciseError) -> dict[str, object]:
    if isinstance(outcome, ExerciseError):
        return {"problems": [str(outcome)]}
    return asdict(outcome)
