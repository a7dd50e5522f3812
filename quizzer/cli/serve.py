"""`quizzer serve`."""

from __future__ import annotations

import os
from dataclasses import replace

import click

from quizzer.cli.telling import say, warn
from quizzer.config import load_settings
from quizzer.serving import serve


@click.command("serve")
@click.option("--host", help="Address to listen on; 0.0.0.0 for the whole network.")
@click.option("--port", type=click.IntRange(0, 65_535), help="Port to listen on; 0 for a free one.")
def serve_command(host: str | None, port: int | None) -> None:
    """Serve the site and grade submissions, until Ctrl-C.

    Makes or upgrades the database first. One process tree: the worker ends with the server.
    """
    settings = load_settings(os.environ)
    settings = replace(
        settings,
        host=settings.host if host is None else host,
        port=settings.port if port is None else port,
    )
    serve(settings, announce=say, warn=warn)
