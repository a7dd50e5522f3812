"""Lines to whoever sits at the terminal."""

from __future__ import annotations

import click


def say(line: str) -> None:
    """Write what was asked for."""
    click.echo(line)


def warn(line: str) -> None:
    """Write what is told besides, to standard error."""
    click.echo(line, err=True)


def count(number: int, word: str) -> str:
    """Return a number with its word, in the plural where there is not exactly one."""
    return f"{number} {word}" if number == 1 else f"{number} {word}s"
