"""Files that a command writes: whole or not at all, and refused before any work is done."""

from __future__ import annotations

import contextlib
import os
import secrets
from pathlib import Path

import click

from graders.cli.opening import NotGradedError
from graders.text import printable


def require_writable(
    _context: click.Context, _parameter: click.Parameter, path: Path | None
) -> Path | None:
    """Take an option's value that names a file to write; one that cannot be is wrong usage."""
    if path is None:
        return None
    shown = printable(str(path))
    if path.is_dir():
        raise click.BadParameter(f"{shown} is a folder; name a file in it.")
    if not path.parent.is_dir():
        folder = printable(str(path.parent))
        raise click.BadParameter(f"there is no folder {folder}; make it first.")
    if not os.access(path if is_special(path) else _target(path).parent, os.W_OK):
        raise click.BadParameter(f"{shown} cannot be written: permission denied.")
    return path


def write_whole(path: Path, text: str) -> None:
    """Write a file as UTF-8, so that a reader finds the old one or the new one, never a part.

    A pipe or a device is written to as it is.
    """
    try:
        if is_special(path):
            path.write_text(text, encoding="utf-8")
        else:
            _replace(_target(path), text)
    except OSError as error:
        message = f"cannot write {printable(str(path))}: {error.strerror}"
        raise NotGradedError(message) from error


def _replace(path: Path, text: str) -> None:
    draft = path.with_name(f".{secrets.token_hex(8)}.part")
    try:
        with draft.open("x", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
    finally:
        with contextlib.suppress(FileNotFoundError):
            draft.unlink()


def is_special(path: Path) -> bool:
    """Whether this is a pipe or a device, which several may write to."""
    return path.exists() and not path.is_file()


def _target(path: Path) -> Path:
    """Follow a link, so that what it leads to is replaced and not the link."""
    return path.resolve()
