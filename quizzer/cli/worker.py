"""`quizzer worker`."""

from __future__ import annotations

import os
import platform

import click

from quizzer.config import load_settings
from quizzer.worker import run_worker


@click.command("worker")
@click.option("--name", help="Tells this worker from all others; made up if not given.")
@click.option("--parent", type=int, help="Stop when the process of this id is gone.")
def worker_command(name: str | None, parent: int | None) -> None:
    """Grade submissions that wait, until Ctrl-C.

    `quizzer serve` starts one by itself; start more on this machine or, with the same database and
    queue addresses, on others.
    """
    own_name = name or f"{platform.node()}:{os.getpid()}"
    run_worker(load_settings(os.environ), name=own_name, parent=parent)
