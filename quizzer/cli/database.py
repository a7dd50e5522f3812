"""`quizzer upgrade` and `quizzer backup`: looking after the data."""

from __future__ import annotations

import os
from pathlib import Path

import click

from quizzer.cli.telling import say
from quizzer.config import load_settings
from quizzer.store.backup import back_up
from quizzer.store.migrations import upgrade


@click.command("upgrade")
def upgrade_command() -> None:
    """Make the database, or bring it to the newest tables."""
    settings = load_settings(os.environ)
    upgrade(settings)
    say(f"The database is up to date: {settings.home}")


@click.command("backup")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
def backup_command(file: Path) -> None:
    """Copy the database to FILE, while the site runs."""
    back_up(load_settings(os.environ).database_url, file)
    say(f"Copied to {file}")
