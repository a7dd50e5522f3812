"""The command line: `graders grade`, `graders verify`, `graders doctor`."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

import click

from graders.facade import (
    Exercise,
    ExerciseError,
    Grader,
    GraderError,
    Level,
    Report,
    Verdict,
    diagnose,
    list_exercises,
    load_exercise,
    render_diagnosis,
)
from graders.report import render_json, render_table, render_text
from graders.text import printable
from graders.verify import Verification, render_matrix, verify

NOT_ACCEPTED = 1
USAGE = 2
NOT_GRADED = 3
_MOST_BYTES = 16 << 20  # far more than is graded: what is longer is refused all the same

_LEVELS = [str(level) for level in Level if level not in (Level.B0, Level.NONE)]
_level_option = click.option(
    "--level",
    type=click.Choice(_LEVELS),
    help="Containment to use; by default the best that `graders doctor` finds here.",
)
_root_option = click.option(
    "--exercises",
    "root",
    type=click.Path(path_type=Path),
    default=Path("exercises"),
    show_default=True,
    help="Folder in which an exercise is looked up by its key.",
)


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def main() -> None:
    """Grade PyTorch submissions: run them in a sandbox, judge them outside.

    An EXERCISE is a folder, or its key lesson/exercise below ./exercises.

    \b
    graders grade regularization/sum-of-params my.py   grade a file
    graders verify                                     prove the checks of all exercises
    graders doctor                                     what can this machine contain?

    Exit status: 0 all accepted, 1 not all, 2 wrong usage, 3 not graded for a fault of the
    exercise or of this machine.
    """  # noqa: D301 - click reads the control character itself


@main.command("grade")
@click.argument("exercise", metavar="EXERCISE")
@click.argument(
    "files",
    nargs=-1,
    required=True,
    metavar="FILE…",
    type=click.Path(exists=True, allow_dash=True, path_type=Path),
)
@click.option("--device", type=click.Choice(["cpu", "cuda"]), default="cpu", show_default=True)
@click.option("--seed", type=click.IntRange(min=0), help="Repeat a grading with its inputs.")
@click.option("--check", metavar="NAME", help="Make this check only.")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text")
@_root_option
@_level_option
def grade_command(
    exercise: str,
    files: tuple[Path, ...],
    device: str,
    seed: int | None,
    check: str | None,
    form: str,
    root: Path,
    level: str | None,
) -> None:
    """Grade each FILE as a submission to EXERCISE.

    A FILE may be a folder, whose *.py files are graded (links are not followed), or - for
    standard input.
    """
    loaded = _load(_find(exercise, root))
    sources = list(_read_sources(files))
    if not sources:
        raise click.UsageError("there are no *.py files in what was given")
    reports: list[tuple[str, Report]] = []
    with _start(level) as grader:
        for name, source in sources:
            try:
                report = grader.grade(loaded, source, device=device, seed=seed, check=check)
            except GraderError as error:
                raise click.UsageError(str(error)) from error
            reports.append((name, report))
            if form == "text":
                click.echo(render_text(name, report) + "\n")
    if form == "json":
        click.echo(render_json(reports))
    elif len(reports) > 1:
        click.echo(render_table(reports))
    sys.exit(_exit_status([report.verdict for _, report in reports]))


@main.command("verify")
@click.argument("exercises", nargs=-1, metavar="[EXERCISE…]")
@click.option("--seeds", type=click.IntRange(min=2), default=20, show_default=True)
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text")
@_root_option
@_level_option
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
    folders = [_find(name, root) for name in exercises] or list(list_exercises(root))
    if not folders:
        raise click.UsageError(f"there are no exercises below {root}")
    outcomes = []
    with _start(level) as grader:
        for folder in folders:
            outcomes.append(_verify_one(folder, grader, seeds, show_progress=form == "text"))
            if form == "text":
                _print_outcome(folder, outcomes[-1])
    if form == "json":
        click.echo(json.dumps({"exercises": [_as_json(outcome) for outcome in outcomes]}, indent=2))
    proven = all(isinstance(outcome, Verification) and not outcome.problems for outcome in outcomes)
    sys.exit(0 if proven else NOT_ACCEPTED)


@main.command("doctor")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text")
def doctor_command(form: str) -> None:
    """Say what this machine can contain, and what would help it contain more."""
    diagnosis = diagnose()
    if form == "json":
        click.echo(json.dumps(asdict(diagnosis), indent=2))
    else:
        click.echo(render_diagnosis(diagnosis), nl=False)
    sys.exit(NOT_GRADED if diagnosis.level is Level.NONE else 0)


def _find(name: str, root: Path) -> Path:
    """Return the folder that a path or a key names."""
    for folder in (Path(name), root / name):
        if folder.is_dir():
            return folder
    keys = ["/".join(path.parts[-2:]) for path in list_exercises(root)]
    known = f"; there are {', '.join(keys)}" if keys else ""
    raise click.UsageError(f"there is no exercise {name}{known}")


def _load(folder: Path) -> Exercise:
    try:
        return load_exercise(folder)
    except ExerciseError as error:
        raise _NotGraded(str(error)) from error


def _read_sources(files: tuple[Path, ...]) -> Iterator[tuple[str, bytes]]:
    for path in files:
        if str(path) == "-":
            yield "-", sys.stdin.buffer.read()
        elif path.is_dir():
            yield from (_read(child) for child in sorted(path.glob("*.py")) if _is_plain(child))
        else:
            yield _read(path)


def _is_plain(path: Path) -> bool:
    """Whether this is a file of the folder's own; a link might lead to somebody else's."""
    return path.is_file() and not path.is_symlink()


def _read(path: Path) -> tuple[str, bytes]:
    try:
        with path.open("rb") as file:
            return str(path), file.read(_MOST_BYTES)
    except OSError as error:
        raise click.UsageError(f"cannot read {printable(str(path))}: {error.strerror}") from error


def _start(level: str | None) -> Grader:
    try:
        grader = Grader(level=level)
    except GraderError as error:
        raise _NotGraded(
            f"{error}\nRun `graders doctor` to see what this machine lacks."
        ) from error
    if grader.level == Level.C:
        warning = "Level C: fit for your own code; see `graders doctor` before grading others'."
        click.secho(warning, err=True, fg="yellow")
    return grader


def _exit_status(verdicts: list[Verdict]) -> int:
    if not all(verdict.counts_as_try for verdict in verdicts):
        return NOT_GRADED
    return 0 if all(verdict is Verdict.ACCEPTED for verdict in verdicts) else NOT_ACCEPTED


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


class _NotGraded(click.ClickException):
    """The exercise or this machine is at fault."""

    exit_code = NOT_GRADED
