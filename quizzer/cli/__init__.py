"""The command line: one module per command."""

from __future__ import annotations

import importlib

import click

from quizzer.cli.refusing import OneLineErrors

__all__ = ["main"]

_MODULES = {
    "serve": "serve",
    "web": "serve",
    "check": "check",
    "new": "new",
    "preview": "preview",
    "worker": "worker",
    "upgrade": "database",
    "backup": "database",
    "promote": "accounts",
    "reset": "accounts",
    "logout": "accounts",
    "audit": "accounts",
}


class _Commands(OneLineErrors):
    """Each command's module is imported when it is asked for: most need none of the others'."""

    def list_commands(self, _ctx: click.Context) -> list[str]:
        """Return the names of all commands."""
        return list(_MODULES)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Return the command of a name, or None where there is none."""
        if cmd_name in _MODULES and cmd_name not in self.commands:
            module = importlib.import_module(f"quizzer.cli.{_MODULES[cmd_name]}")
            self.add_command(getattr(module, f"{cmd_name}_command"))
        return super().get_command(ctx, cmd_name)


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="quizzer")
def main() -> None:
    """Learn PyTorch by answering and by coding.

    \b
    quizzer serve                               all that a classroom needs
    quizzer new bank weight-decay/my-bank       begin a bank of your own
    quizzer preview FILE                        see it as learners do, while you write
    quizzer check FILE                          errors on their lines, proofs run

    Data lies in the folder that QUIZZER_HOME names.
    """  # noqa: D301 - click reads the control character itself
