"""`graders grade`."""

from __future__ import annotations

import contextlib
import shlex
import shutil
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import click

from graders.cli import opening
from graders.cli.batch import grade_all
from graders.cli.opening import (
    NOT_ACCEPTED,
    NOT_GRADED,
    NotGradedError,
    find_exercise,
    level_option,
    open_exercise,
    root_option,
)
from graders.cli.submissions import Submission, find_submissions, follow_links_option
from graders.cli.writing import is_special, require_writable, write_whole
from graders.facade import Exercise, Grader, GraderError, Report, Verdict
from graders.receipts import make_receipt
from graders.report import (
    render_csv,
    render_gradescope,
    render_json,
    render_junit,
    render_table,
    render_text,
)
from graders.report.terminal import WIDTH
from graders.text import printable

FORMATS = ("text", "json", "junit", "gradescope", "csv")
_MOST_JOBS = 64
_FEWEST_WITH_BAR = 3

Reports = list[tuple[str, Report]]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Wishes:
    """How to grade, and what becomes of the reports."""

    form: str
    device: str
    seed: int | None
    check: str | None
    jobs: int
    output: Path | None
    csv: Path | None
    receipt: Path | None
    full: bool


_Command = TypeVar("_Command", bound=Callable[..., object])


def _file_option(name: str, told: str) -> Callable[[_Command], _Command]:
    kind = click.Path(path_type=Path)
    return click.option(name, type=kind, callback=require_writable, help=told)


@click.command("grade")
@click.argument("exercise", metavar="EXERCISE")
@click.argument(
    "files",
    nargs=-1,
    required=True,
    metavar="FILE…",
    type=click.Path(allow_dash=True, path_type=Path),
)
@click.option("--device", type=click.Choice(["cpu", "cuda"]), default="cpu", show_default=True)
@click.option("--seed", type=click.IntRange(0, 2**63 - 1), help="Repeat a grading with its inputs.")
@click.option("--check", metavar="NAME", help="Make this check only.")
@click.option(
    "--format",
    "form",
    type=click.Choice(FORMATS),
    default="text",
    show_default=True,
    help="What to write: gradescope is the results.json of one submission.",
)
@_file_option("--output", "Write the reports there, and only a table here.")
@_file_option("--csv", "Write a table there as well, a row per file.")
@_file_option("--receipt", "Write what `graders replay` repeats it from.")
@click.option(
    "--jobs",
    type=click.IntRange(1, _MOST_JOBS),
    default=1,
    show_default=True,
    help="How many files to grade at a time; more than there are cores gains nothing.",
)
@click.option("--full", is_flag=True, help="Of several files write the reports, not only a table.")
@follow_links_option
@root_option
@level_option
def grade_command(
    exercise: str,
    files: tuple[Path, ...],
    root: Path,
    level: str | None,
    follow_links: bool,  # noqa: FBT001 - click gives all by name
    **wishes: object,
) -> None:
    """Grade each FILE as a submission to EXERCISE.

    A FILE may be a folder, whose *.py files are graded, or - for standard input. Of one file the
    report is written, of several a table.

    Exit status: 0 all accepted, 1 not all, 2 wrong usage, 3 not graded for a fault of the
    exercise or of this machine, 130 interrupted.
    """
    chosen = _Wishes(**wishes)  # type: ignore[arg-type]  # click read each by its type
    loaded = open_exercise(find_exercise(exercise, root))
    found = find_submissions(files, follow_links=follow_links)
    submissions = found.submissions
    _require_one(chosen, len(submissions))
    _require_distinct(chosen, submissions)
    if chosen.receipt is not None:  # which tells of the bytes that were graded: read them once
        submissions = [Submission(submissions[0].name, submissions[0].read())]
    with opening.interruptible():
        reports = _grade(loaded, submissions, chosen, level)
    _write_files(loaded, submissions, reports, chosen)
    _say_more(found.say(), chosen, reports)
    _say_remedies(loaded, reports)
    sys.exit(_exit_status([report.verdict for _, report in reports]))


def _require_one(wishes: _Wishes, count: int) -> None:
    """Refuse several files where what is written is about one."""
    if count == 1:
        return
    what = {"--receipt": wishes.receipt, "--format gradescope": wishes.form == "gradescope"}
    for option, asked in what.items():
        if asked:
            message = (
                f"{option} is about one submission, and there are {count}: grade each by itself."
            )
            raise click.UsageError(message)


def _require_distinct(wishes: _Wishes, submissions: list[Submission]) -> None:
    """Refuse to write two things to one file, or anything over what is graded."""
    taken = {Path(submission.name).resolve() for submission in submissions}
    for path in (wishes.output, wishes.csv, wishes.receipt):
        if path is None or is_special(path):
            continue
        if path.resolve() in taken:
            message = f"{printable(str(path))} is already used; name another file to write."
            raise click.UsageError(message)
        taken.add(path.resolve())


def _grade(
    exercise: Exercise, submissions: list[Submission], wishes: _Wishes, level: str | None
) -> Reports:
    """Grade all files; write what can be told as soon as there is a report."""
    reports: Reports = []
    count = len(submissions)
    idle = max(2, min(wishes.jobs, count) + 1)
    with opening.start_grader(level, idle=idle) as grader, opening.quiet_when_interrupted():
        graded = grade_all(
            submissions, lambda one: _grade_one(grader, exercise, one, wishes), jobs=wishes.jobs
        )
        progress = click.progressbar(
            length=count, show_pos=True, file=sys.stderr, hidden=not _has_bar(wishes, count)
        )
        with contextlib.closing(graded), progress as bar:
            for name, report in graded:
                reports.append((name, report))
                bar.update(1)
                if _is_shown(wishes, count):
                    text = _render_text(name, report, wishes, width=_terminal_width())
                    click.echo(text + "\n")
    return reports


def _has_bar(wishes: _Wishes, count: int) -> bool:
    """Whether to show how far it is: for many files, where no reports are written meanwhile."""
    return sys.stderr.isatty() and count >= _FEWEST_WITH_BAR and not _is_shown(wishes, count)


def _is_shown(wishes: _Wishes, count: int) -> bool:
    """Whether the reports of so many files are written to standard output one by one."""
    return wishes.form == "text" and wishes.output is None and (wishes.full or count == 1)


def _render_text(name: str, report: Report, wishes: _Wishes, *, width: int = WIDTH) -> str:
    return render_text(name, report, width=width, only_check=wishes.check or "")


def _grade_one(
    grader: Grader, exercise: Exercise, submission: Submission, wishes: _Wishes
) -> Report:
    try:
        return grader.grade(
            exercise,
            submission.read(),
            device=wishes.device,
            seed=wishes.seed,
            check=wishes.check,
        )
    except GraderError as error:
        raise click.UsageError(str(error)) from error


def _write_files(
    exercise: Exercise, submissions: list[Submission], reports: Reports, wishes: _Wishes
) -> None:
    if wishes.csv is not None:
        write_whole(wishes.csv, render_csv(reports))
    if wishes.receipt is not None:
        _write_receipt(wishes.receipt, exercise, submissions[0], reports[0][1], wishes)
    if wishes.output is not None:
        write_whole(wishes.output, _render(wishes, reports) + "\n")
    elif wishes.form != "text":
        click.echo(_render(wishes, reports))
    if wishes.output is not None or (wishes.form == "text" and len(reports) > 1):
        click.echo(render_table(reports, only_check=wishes.check or ""))


def _render(wishes: _Wishes, reports: Reports) -> str:
    if wishes.form == "gradescope":
        return _render_gradescope(reports[0][1])
    if wishes.form == "text":
        texts = (click.unstyle(_render_text(name, report, wishes)) for name, report in reports)
        return "\n\n".join(texts)
    render = {"json": render_json, "junit": render_junit, "csv": render_csv}[wishes.form]
    return render(reports).rstrip("\n")


def _render_gradescope(report: Report) -> str:
    if not report.verdict.is_graded:
        message = report.message or next((check.message for check in report.checks), "")
        raise NotGradedError(f"not graded, so there is no score to give to Gradescope. {message}")
    return render_gradescope(report)


def _write_receipt(
    path: Path, exercise: Exercise, submission: Submission, report: Report, wishes: _Wishes
) -> None:
    if not report.verdict.is_graded:
        click.echo("There is no receipt: the file was not graded.", err=True)
        return
    receipt = make_receipt(exercise, report, submission.read(), only_check=wishes.check)
    write_whole(path, receipt.to_json())


def _say_more(passed_over: str, wishes: _Wishes, reports: Reports) -> None:
    """Say which files are in no report, and how to read those that only the table tells of."""
    if passed_over:
        click.echo(passed_over, err=True)
    if wishes.form == "text" and wishes.output is None and not wishes.full and len(reports) > 1:
        told = "--full shows each report, --output FILE writes them to a file, --csv FILE a table."
        click.echo(told, err=True)


def _say_remedies(exercise: Exercise, reports: Reports) -> None:
    """Say where to look for a fault that is not the submission's."""
    verdicts = {report.verdict for _, report in reports}
    if Verdict.AUTHOR_ERROR in verdicts:
        folder = printable(shlex.quote(str(exercise.folder)))
        click.echo(f"`graders verify {folder}` says what is wrong with the exercise.", err=True)
    if Verdict.PLATFORM_ERROR in verdicts:
        click.echo("`graders doctor` says what this machine lacks.", err=True)


def _terminal_width() -> int:
    """Return the columns of a terminal, and always the same number anywhere else."""
    return min(shutil.get_terminal_size().columns, WIDTH) if sys.stdout.isatty() else WIDTH


def _exit_status(verdicts: list[Verdict]) -> int:
    if not all(verdict.is_graded for verdict in verdicts):
        return NOT_GRADED
    return 0 if all(verdict is Verdict.ACCEPTED for verdict in verdicts) else NOT_ACCEPTED
