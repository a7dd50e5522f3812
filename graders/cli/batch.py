"""Many files at once: graded by several threads, reported in the order in which they were given."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Generator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TextIO

import click

from graders.cli.submissions import Submission
from graders.facade import Report

FEWEST_WITH_BAR = 3
_BAR_CHARS = 24


def grade_all(
    submissions: Sequence[Submission], grade: Callable[[Submission], Report], *, jobs: int
) -> Generator[tuple[str, Report], None, None]:
    """Grade submissions in `jobs` threads; yield names and reports in the order of the files.

    Whoever stops early waits for nobody: what has not begun is dropped, and what runs ends with
    the sandbox.
    """
    threads = ThreadPoolExecutor(jobs, thread_name_prefix="grade")
    try:
        futures = [threads.submit(grade, submission) for submission in submissions]
        for submission, future in zip(submissions, futures, strict=True):
            yield submission.name, future.result()
    finally:
        threads.shutdown(wait=False, cancel_futures=True)


class ProgressBar:
    """One line on a terminal that says how far it is; nothing anywhere else.

    Reports may be written between two steps: the bar makes way and comes back.

    Args:
        total: how many steps there are.
        stream: where to draw; None for standard error.
    """

    def __init__(self, total: int, stream: TextIO | None = None) -> None:
        self._stream = stream or sys.stderr
        self._total = total
        self._done = 0
        terminal = self._stream.isatty() and os.environ.get("TERM") != "dumb"
        self.is_shown = terminal and total >= FEWEST_WITH_BAR

    def step(self) -> None:
        """Count one more file."""
        self._done += 1

    def show(self) -> None:
        """Draw the bar."""
        filled = _BAR_CHARS * self._done // self._total
        bar = "#" * filled + "." * (_BAR_CHARS - filled)
        self._write(f"\r[{bar}] {self._done} of {self._total} graded")

    def hide(self) -> None:
        """Wipe the bar's line."""
        self._write("\r\x1b[K")

    def _write(self, text: str) -> None:
        if self.is_shown:
            click.echo(text, file=self._stream, nl=False, color=True)
