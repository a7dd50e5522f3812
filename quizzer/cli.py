"""`quizzer`: serve the site, check its content, look after its data."""

from __future__ import annotations

import json
import logging
import os
import platform
import sqlite3
import sys
from collections.abc import Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import click
from sqlalchemy.exc import ProgrammingError

from quizzer.banks.problems import Problem
from quizzer.config import Settings, SettingsError, load_settings
from quizzer.errors import QuizzerError
from quizzer.services import accounts
from quizzer.services.checking import Content, load_content
from quizzer.services.proving import ProofCache, prove
from quizzer.services.submitting import Grader, GraderError
from quizzer.serving import serve
from quizzer.store.backup import back_up
from quizzer.store.db import open_database
from quizzer.store.migrations import upgrade
from quizzer.store.patience import AWAY, name_reason
from quizzer.worker import run_worker

_LOG_FORMAT = "%(levelname)s %(name)s: %(message)s"


class _OneLineErrors(click.Group):
    """Tells what went wrong in one line; a traceback is for our own faults."""

    def invoke(self, context: click.Context) -> Any:  # noqa: ANN401 - click's signature
        try:
            return super().invoke(context)
        except (QuizzerError, GraderError, SettingsError) as error:
            raise click.ClickException(" ".join(str(error).split())) from error
        except sqlite3.Error as error:
            raise click.ClickException(f"The queue does not work ({error}).") from error
        except (*AWAY, ProgrammingError) as error:  # the last one where PostgreSQL has no tables
            message = (
                f"The database does not work ({name_reason(error)}). "
                "Has `quizzer upgrade` been run?"
            )
            raise click.ClickException(message) from error
        except OSError as error:
            raise click.ClickException(str(error)) from error


@click.group(cls=_OneLineErrors, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="quizzer")
def main() -> None:
    """Learn PyTorch by answering and by coding.

    `quizzer serve` is all that a classroom needs. Data lies in the folder that QUIZZER_HOME names.
    """
    logging.basicConfig(level=logging.WARNING, format=_LOG_FORMAT)


@main.command("serve")
@click.option("--host", help="Address to listen on; 0.0.0.0 for the whole network.")
@click.option("--port", type=click.IntRange(0, 65_535), help="Port to listen on; 0 for a free one.")
def serve_command(host: str | None, port: int | None) -> None:
    """Serve the site and grade submissions, until Ctrl-C.

    Makes or upgrades the database first. One process tree: the worker ends with the server.
    """
    settings = load_settings(os.environ)
    settings = replace(
        settings,
        host=settings.host if host is None else host,
        port=settings.port if port is None else port,
    )
    serve(settings, announce=_say, warn=_warn)


@main.command("worker")
@click.option("--name", help="Tells this worker from all others; made up if not given.")
@click.option("--parent", type=int, help="Stop when the process of this id is gone.")
def worker_command(name: str | None, parent: int | None) -> None:
    """Grade submissions that wait, until Ctrl-C.

    `quizzer serve` starts one by itself; start more on this machine or, with the same database and
    queue addresses, on others.
    """
    own_name = name or f"{platform.node()}:{os.getpid()}"
    run_worker(load_settings(os.environ), name=own_name, parent=parent)


@main.command("check")
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path))
@click.option("--no-proofs", is_flag=True, help="Read only; run nothing.")
@click.option("--format", "style", type=click.Choice(["text", "json", "github"]), default="text")
def check_command(paths: Sequence[Path], style: str, *, no_proofs: bool) -> None:
    """Check question banks, lessons and exercises, and run the proofs in the sandbox.

    PATHs are files or folders; without any, all content in service is checked. Prints one
    `file:line: code message` per problem, sorted; the exit code is 1 if one is an error.
    """
    settings = load_settings(os.environ)
    places = paths or (settings.questions, settings.exercises)
    content = load_content(places, questions=settings.questions)
    proved = () if no_proofs else _prove(content, settings)
    problems = content.list_problems(proved)
    _print_problems(problems, style)
    _warn(_sum_up(content, problems, is_proved=not no_proofs))
    sys.exit(any(problem.is_error for problem in problems))


@main.command("upgrade")
def upgrade_command() -> None:
    """Make the database, or bring it to the newest tables."""
    settings = load_settings(os.environ)
    upgrade(settings)
    _say(f"The database is up to date: {settings.home}")


@main.command("backup")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
def backup_command(file: Path) -> None:
    """Copy the database to FILE, while the site runs."""
    back_up(load_settings(os.environ).database_url, file)
    _say(f"Copied to {file}")


@main.command("promote")
@click.argument("name")
def promote_command(name: str) -> None:
    """Make the account NAME an instructor."""
    database = open_database(load_settings(os.environ))
    try:
        with database.transaction() as session:
            user = accounts.promote(session, name=name)
    finally:
        database.close()
    _say(f"{user.name} is an instructor now.")


def _prove(content: Content, settings: Settings) -> tuple[Problem, ...]:
    cache = ProofCache(settings.home / "cache" / "proofs.json")
    return prove(content.banks, content.lessons, Grader, cache=cache, on_progress=_show_progress)


def _show_progress(done: int, total: int, label: str) -> None:
    """One line that is written over; nothing where nobody looks."""
    if sys.stderr.isatty():
        click.echo(f"\r\033[K{done}/{total} {label[:60]}", err=True, nl=done == total)


def _print_problems(problems: Sequence[Problem], style: str) -> None:
    if style == "json":
        click.echo(json.dumps([asdict(problem) for problem in problems], indent=1))
        return
    for problem in problems:
        click.echo(_annotate(problem) if style == "github" else str(problem))


def _annotate(problem: Problem) -> str:
    """A problem as code hosts show it beside the line."""
    kind = "error" if problem.is_error else "warning"
    message = problem.message.replace("%", "%25").replace("\n", "%0A")
    return f"::{kind} file={problem.path},line={problem.line},title={problem.code}::{message}"


def _sum_up(content: Content, problems: Sequence[Problem], *, is_proved: bool) -> str:
    errors = [problem for problem in problems if problem.is_error]
    items = sum(len(bank.items) for bank in content.banks)
    read = [
        _count(len(content.banks), "bank") + f" with {_count(items, 'item')}",
        _count(len(content.lessons), "lesson"),
        _count(content.exercise_count, "exercise"),
    ]
    found = [_count(len(errors), "error"), _count(len(problems) - len(errors), "warning")]
    # A file with an error in its structure is not taken in, so nothing of it was run.
    left_out = {problem.path for problem in errors if not problem.code.startswith("P")}
    note = f" ({_count(len(left_out), 'file')} not proved: mend the errors first)"
    return f"{', '.join(read)}: {', '.join(found)}" + (note if left_out and is_proved else "")


def _count(number: int, word: str) -> str:
    return f"{number} {word}" if number == 1 else f"{number} {word}s"


def _say(line: str) -> None:
    click.echo(line)


def _warn(line: str) -> None:
    click.echo(line, err=True)
