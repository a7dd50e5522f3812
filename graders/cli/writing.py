"""Files that a command writes: whole or not at all, and refused before any work is done."""

from __future__ import annotations

import contextlib
import os
import secrets
from pathlib import Path

import click

from graders.cli.opening import NotGradedError
from graders.text import printable


class OutputFile(click.ParamType[Path]):
    """An option's value that names a file to write, in a folder that can be written to."""

    name = "file"

    def convert(
        self, value: str | Path, param: click.Parameter | None, ctx: click.Context | None
    ) -> Path:
        """Return the path; one that cannot be written to is wrong usage."""
        path = Path(value)
        shown = printable(str(path))
        if path.is_dir():
            self.fail(f"{shown} is a folder; name a file in it.", param, ctx)
        if not path.parent.is_dir():
            self.fail(
                f"there is no folder {printable(str(path.parent))}; make it first.", param, ctx
            )
        if not os.access(path if _is_special(path) else _target(path).parent, os.W_OK):
            self.fail(f"{shown} cannot be written: permission denied.", param, ctx)
        return path


def write_whole(path: Path, text: str) -> None:
    """Write a file as UTF-8, so that a reader finds the old one or the new one, never a part.

    A pipe or a device is written to as it is.
    """
    try:
        if _is_special(path):
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


def _is_special(path: Path) -> bool:
    return path.exists() and not path.is_file()


def _target(path: Path) -> Path:
    """Follow a link, so that what it leads to is replaced and not the link."""
    return path.resolve()
