"""`quizzer preview`."""

from __future__ import annotations

import threading
from pathlib import Path

import click

from quizzer.cli.telling import say
from quizzer.errors import QuizzerError
from quizzer.services.previewing import Desk
from quizzer.services.submitting import Grader
from quizzer.serving import WebServer, describe_address, open_port
from quizzer.web.preview import create_preview
from quizzer.worker import stop_on_signals

HOST = "127.0.0.1"  # the page shows the key, and runs the author's code


@click.command("preview")
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option(
    "--port", type=click.IntRange(0, 65_535), default=0, help="Port; by default a free one."
)
def preview_command(file: Path, port: int) -> None:
    """Show FILE, a bank or a lesson, as learners see it, until Ctrl-C.

    The page loads itself anew when the file is saved. Complaints stand beside their lines; while
    there are errors, the last version without any stays below them. Only this machine can open it.
    """
    if file.suffix != ".md":
        raise QuizzerError(f"{file} is no bank and no lesson: they end in .md.")
    stop = threading.Event()
    stop_on_signals(stop)
    listening = open_port(HOST, port)
    with Desk(file, open_grader=Grader) as desk:
        app = create_preview(desk, port=listening.getsockname()[1])
        web = WebServer(app, listening)
        say(f"{file} is at {describe_address(HOST, listening)}")
        web.run(stop)
        desk.stop_waiting()
        web.finish()
