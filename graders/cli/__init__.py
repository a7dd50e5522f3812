"""The command line: one module per command."""

from __future__ import annotations

import importlib

import click

from graders.cli import streams
from graders.cli.opening import prepare_terminal

__all__ = ["main"]

_NAMES = ("bench", "doctor", "grade", "new", "replay", "verify")


class _Commands(streams.Commands):
    """Each command's module is imported when it is asked for: one alone needs a slow library."""

    def list_commands(self, _ctx: click.Context) -> list[str]:
        """Return the names of all commands."""
        return list(_NAMES)

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        """Return the command of a name, or None where there is none."""
        if name in _NAMES and name not in self.commands:
            module = importlib.import_module(f"graders.cli.{name}")
            self.add_command(getattr(module, f"{name}_command"))
        return super().get_command(ctx, name)


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
def main() -> None:
    """Grade PyTorch submissions: run them in a sandbox, judge them outside.

    An EXERCISE is a folder, or its key lesson/exercise below ./exercises.

    \b
    graders grade regularization/sum-of-params my.py   grade a file
    graders replay receipt.json my.py                  does it come out the same again?
    graders verify                                     prove the checks of all exercises
    graders new regularization/my-idea                 begin an exercise of your own
    graders doctor                                     what can this machine contain?
    graders bench                                      what does grading cost here?

    Exit status: 0 all accepted, 1 not all, 2 wrong usage, 3 not graded for a fault of the
    exercise or of this machine.
    """  # noqa: D301 - click reads the control character itself
    prepare_terminal()
