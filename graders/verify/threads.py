"""The same work on many items, in as many threads as may run at once."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")


def map_in_threads(
    jobs: int, work: Callable[[Item], Result], items: Iterable[Item]
) -> Iterator[Result]:
    """Yield the result of each item in their order; what has not begun when one fails never does.

    Args:
        jobs: how many threads, at least 1.
        work: called in several threads at once. What it raises is raised here.
        items: what there is to do.
    """
    executor = ThreadPoolExecutor(jobs, thread_name_prefix="verify")
    try:
        yield from executor.map(work, items)
    finally:
        executor.shutdown(cancel_futures=True)
