"""`graders grade`."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import click

from graders.cli import opening
from graders.cli.opening import (
    NOT_ACCEPTED,
    NOT_GRADED,
    find_exercise,
    level_option,
    open_exercise,
    root_option,
)
from graders.facade import GraderError, Report, Verdict
from graders.report import render_json, render_table, render_text
from graders.text import printable

_MOST_BYTES = 16 << 20  # far more than is graded: what is longer is refused all the same


@click.command("grade")
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
@root_option
@level_option
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
    loaded = open_exercise(find_exercise(exercise, root))
    sources = list(_read_sources(files))
    if not sources:
        raise click.UsageError("there are no *.py files in what was given")
    reports: list[tuple[str, Report]] = []
    with opening.start_grader(level) as grader:
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


def _exit_status(verdicts: list[Verdict]) -> int:
    if not all(verdict.counts_as_try for verdict in verdicts):
        return NOT_GRADED
    return 0 if all(verdict is Verdict.ACCEPTED for verdict in verdicts) else NOT_ACCEPTED
