"""`quizzer serve`."""

from __future__ import annotations

import os
from dataclasses import replace

import click

from quizzer.cli.telling import say, warn
from quizzer.config import load_settings
from quizzer.serving import serve, serve_beside


@click.command("serve")
@click.option("--host", help="Address to listen on; 0.0.0.0 for the whole network.")
@click.option("--port", type=click.IntRange(0, 65_535), help="Port to listen on; 0 for a free one.")
@click.option(
    "--processes", type=click.IntRange(1, 64), help="Processes that serve pages; Linux only."
)
def serve_command(host: str | None, port: int | None, processes: int | None) -> None:
    """Serve the site and grade submissions, until Ctrl-C.

    Makes or upgrades the database first. One process tree: all of it ends with the server.
    """
    settings = load_settings(os.environ)
    settings = replace(
        settings,
        host=settings.host if host is None else host,
        port=settings.port if port is None else port,
        processes=settings.processes if processes is None else processes,
    )
    serve(settings, announce=say, warn=warn)


@click.command("web", hidden=True)
@click.option("--descriptor", type=int, required=True, help="The listening socket, inherited.")
@click.option("--parent", type=int, required=True, help="Stop when the process of this id is gone.")
def web_command(descriptor: int, parent: int) -> None:
    """Serve pages beside the process that started this one."""
    serve_beside(load_settings(os.environ), descriptor=descriptor, parent=parent)
