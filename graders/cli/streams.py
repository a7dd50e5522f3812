"""Standard output that cannot be written to: one line instead of a traceback."""

from __future__ import annotations

import contextlib
import errno
import os
import sys
from typing import Any, NoReturn

import click

from graders.cli.opening import NOT_GRADED
from graders.text import printable

_UNWRITABLE = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO)


class Commands(click.Group):
    """Commands that end with status 3 where what they say reaches nobody.

    A full disk is told in a line. A reader that has enough (`| head -1`) is no fault: nothing is
    told then.
    """

    def main(self, *arguments: Any, **extra: Any) -> Any:  # noqa: ANN401 - what click takes
        """Run a command."""
        try:
            return super().main(*arguments, **extra)
        except OSError as error:
            if error.errno not in _UNWRITABLE:
                raise
            reason = printable(error.strerror or "")
            with contextlib.suppress(OSError):
                click.echo(f"Error: cannot write what was found: {reason}", err=True)
            _end()

    def invoke(self, ctx: click.Context) -> Any:  # noqa: ANN401 - what click says
        """Run the command that was asked for."""
        try:
            return super().invoke(ctx)
        except BrokenPipeError:
            _end()


def _end() -> NoReturn:
    """End without a second try to write what is still in the buffers: Python would complain."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(OSError, ValueError):  # not a real one
            os.dup2(nowhere, stream.fileno())
    os.close(nowhere)
    sys.exit(NOT_GRADED)
