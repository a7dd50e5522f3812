"""`graders doctor`."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict

import click

from graders.cli.opening import NOT_GRADED
from graders.facade import Level, diagnose, render_diagnosis


@click.command("doctor")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text")
def doctor_command(form: str) -> None:
    """Say what this machine can contain, and what would help it contain more."""
    diagnosis = diagnose()
    if form == "json":
        click.echo(json.dumps(asdict(diagnosis), indent=2))
    else:
        click.echo(render_diagnosis(diagnosis), nl=False)
    sys.exit(NOT_GRADED if diagnosis.level is Level.NONE else 0)
