"""The command line: one module per command."""

from __future__ import annotations

import click

from graders.cli import streams
from graders.cli.bench import bench_command
from graders.cli.doctor import doctor_command
from graders.cli.grade import grade_command
from graders.cli.new import new_command
from graders.cli.opening import prepare_terminal
from graders.cli.replay import replay_command
from graders.cli.verify import verify_command

__all__ = ["main"]


@click.group(cls=streams.Commands, context_settings={"help_option_names": ["-h", "--help"]})
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


for _command in (
    grade_command,
    replay_command,
    verify_command,
    new_command,
    doctor_command,
    bench_command,
):
    main.add_command(_command)
