"""`graders replay`."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from graders.cli import opening
from graders.cli.opening import (
    NOT_ACCEPTED,
    NotGradedError,
    find_exercise,
    level_option,
    open_exercise,
    root_option,
)
from graders.cli.submissions import Submission, find_submissions, follow_links_option
from graders.facade import Exercise, GraderError, Report
from graders.receipts import (
    Receipt,
    ReceiptError,
    load_receipt,
    make_receipt,
    say_changes,
    say_outcomes,
)
from graders.text import printable


@click.command("replay")
@click.argument("receipt", type=click.Path(path_type=Path))
@click.argument("file", type=click.Path(allow_dash=True, path_type=Path))
@click.option("--exercise", help="Where the exercise lies, if not below --exercises.")
@follow_links_option
@root_option
@level_option
def replay_command(
    receipt: Path,
    file: Path,
    exercise: str | None,
    root: Path,
    level: str | None,
    follow_links: bool,  # noqa: FBT001 - click gives all by name
) -> None:
    """Grade FILE again as RECEIPT says, and tell whether it comes out the same.

    RECEIPT was written by `graders grade --receipt`. The inputs are the same; what has changed
    meanwhile, be it the exercise, the file or torch, is told.

    Exit status: 0 the same verdict, score and verdict of each check, 1 not the same, 2 wrong
    usage, 3 not graded for a fault of the exercise or of this machine, 130 interrupted.
    """
    before = _load(receipt)
    loaded = open_exercise(_find(before, exercise, root))
    submissions = find_submissions([file], follow_links=follow_links).submissions
    if len(submissions) != 1:
        raise click.UsageError(f"a receipt is about one file, and there are {len(submissions)}.")
    submission = Submission(submissions[0].name, submissions[0].read())
    with opening.interruptible():
        report = _grade_again(before, loaded, submission, level)
    if not report.verdict.is_graded:
        raise NotGradedError(f"{printable(submission.name)} was not graded. {_say_why(report)}")
    after = make_receipt(loaded, report, submission.read(), only_check=before.only_check)
    outcomes = say_outcomes(before, after)
    _print(submission.name, before, say_changes(before, after), outcomes)
    sys.exit(NOT_ACCEPTED if outcomes else 0)


def _load(path: Path) -> Receipt:
    try:
        return load_receipt(path)
    except ReceiptError as error:
        raise click.UsageError(printable(str(error))) from error


def _find(receipt: Receipt, exercise: str | None, root: Path) -> Path:
    try:
        return find_exercise(exercise or receipt.exercise, root)
    except click.UsageError as error:
        if exercise:
            raise
        hint = (
            "A receipt does not say where its exercise lies. Give the folder of all exercises as "
            "--exercises ROOT, or this one's as --exercise FOLDER."
        )
        raise click.UsageError(f"{error.message}\n{hint}") from error


def _grade_again(
    receipt: Receipt, exercise: Exercise, submission: Submission, level: str | None
) -> Report:
    with opening.start_grader(level) as grader, opening.quiet_when_interrupted():
        try:
            return grader.grade(
                exercise,
                submission.read(),
                device=receipt.device,
                seed=receipt.seed,
                check=receipt.only_check or None,
            )
        except GraderError as error:
            # The exercise has lost the device or the check that the receipt tells of.
            raise NotGradedError(
                f"it cannot be graded as it was: {printable(str(error))}"
            ) from error


def _say_why(report: Report) -> str:
    return report.message or next((check.message for check in report.checks if check.message), "")


def _print(name: str, before: Receipt, changes: list[str], outcomes: list[str]) -> None:
    result = (
        click.style("not the same", fg="red", bold=True)
        if outcomes
        else click.style("the same", fg="green", bold=True)
    )
    seed = f"seed {before.seed} on {before.device}"
    click.echo(f"{printable(name)}: {result} as in the receipt ({before.exercise}, {seed})")
    for heading, told in (("came out otherwise", outcomes), ("is not as it was", changes)):
        if told:
            click.echo(f"\n  {heading}:")
            click.echo("\n".join(f"    - {printable(line)}" for line in told))
    if not changes:
        click.echo("\n  The exercise, the file, torch and the level are what they were.")
    if outcomes and not changes:
        click.echo("  So the submission, or a check, comes out differently by itself.")
