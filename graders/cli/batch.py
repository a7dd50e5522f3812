"""Many files at once: graded by several threads, reported in the order in which they were given."""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from concurrent.futures import ThreadPoolExecutor

from graders.cli.submissions import Submission
from graders.facade import Report


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
