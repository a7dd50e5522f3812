"""`quizzer check`."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

import click

from quizzer.banks.problems import Problem
from quizzer.cli.problems import FORMATS, render_json, render_lines
from quizzer.cli.progress import proof_bar
from quizzer.cli.statistics import as_json, render_statistics
from quizzer.cli.telling import count, say, warn
from quizzer.config import Settings, load_settings
from quizzer.services.checking import Content, load_content
from quizzer.services.explanations import render_explanation
from quizzer.services.proving import ProofCache, explain_item, prove
from quizzer.services.statistics import Statistics, count_content
from quizzer.services.submitting import Grader


@click.command("check")
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path))
@click.option("--no-proofs", is_flag=True, help="Read only; run nothing.")
@click.option("--format", "style", type=click.Choice(FORMATS), default="text", show_default=True)
@click.option("--stats", "with_statistics", is_flag=True, help="Count what there is, as well.")
@click.option(
    "--explain", "wanted", metavar="BANK/ITEM", help="Show only what this item did when it was run."
)
def check_command(
    paths: Sequence[Path],
    style: str,
    wanted: str | None,
    *,
    no_proofs: bool,
    with_statistics: bool,
) -> None:
    """Check question banks, lessons and exercises, and run the proofs in the sandbox.

    PATHs are files or folders; without any, all content in service is checked. Prints one
    `file:line: code message` per problem, sorted; the exit code is 1 if one is an error.
    """
    settings = load_settings(os.environ)
    places = paths or (settings.questions, settings.exercises)
    content = load_content(places, questions=settings.questions, exercises=settings.exercises)
    if wanted is not None:
        sys.exit(_explain(content, wanted, style))
    contradictions = () if no_proofs else _prove(content, settings)
    problems = content.list_problems(contradictions)
    counted = None
    if with_statistics:
        counted = count_content(content.banks, contradictions, is_proved=not no_proofs)
    _print(problems, style, counted)
    warn(_sum_up(content, problems, is_proved=not no_proofs))
    sys.exit(any(problem.is_error for problem in problems))


def _prove(content: Content, settings: Settings) -> tuple[Problem, ...]:
    cache = ProofCache(settings.home / "cache" / "proofs.json")
    with proof_bar() as bar:
        return prove(content.banks, content.lessons, Grader, cache=cache, on_progress=bar)


def _explain(content: Content, wanted: str, style: str) -> bool:
    """Print what an item's proof did; return whether it fails."""
    bank, item = content.find_item(wanted)
    with Grader() as grader:
        explanation = explain_item(bank, item, grader)
    if style == "json":
        say(json.dumps(asdict(explanation), indent=1))
    else:
        say(render_explanation(explanation))
    return bool(explanation.problems)


def _print(problems: Sequence[Problem], style: str, counted: Statistics | None) -> None:
    if style == "json":
        say(render_json(problems, {"statistics": as_json(counted)} if counted else {}))
        return
    for line in render_lines(problems, style):
        say(line)
    if counted is not None:
        say(("\n" if problems else "") + render_statistics(counted))


def _sum_up(content: Content, problems: Sequence[Problem], *, is_proved: bool) -> str:
    errors = [problem for problem in problems if problem.is_error]
    items = sum(len(bank.items) for bank in content.banks)
    read = [
        count(len(content.banks), "bank") + f" with {count(items, 'item')}",
        count(len(content.lessons), "lesson"),
        count(content.exercise_count, "exercise"),
    ]
    found = [count(len(errors), "error"), count(len(problems) - len(errors), "warning")]
    # A file with an error in its structure is not taken in, so nothing of it was run.
    left_out = {problem.path for problem in errors if not problem.code.startswith("P")}
    note = f" ({count(len(left_out), 'file')} not proved: mend the errors first)"
    return f"{', '.join(read)}: {', '.join(found)}" + (note if left_out and is_proved else "")
