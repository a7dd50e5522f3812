"""What this process and all that descend from it use, read from outside of them."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

_TICKS = os.sysconf("SC_CLK_TCK")
_PARENT, _FIRST_TIME, _LAST_TIME = 1, 11, 15  # fields of /proc/PID/stat after the name


@dataclass(frozen=True, slots=True)
class _Process:
    pid: int
    parent: int
    cpu_s: float  # its own, and that of its children that have ended


def read_cpu_s() -> float:
    """Return the processor seconds of this process and its descendants, ended ones included.

    In steps of a hundredth of a second, as the kernel tells them.
    """
    return sum(process.cpu_s for process in _list_tree())


def list_workers() -> tuple[int, ...]:
    """Return the processes among the descendants that have no children: the waiting workers."""
    tree = list(_list_tree())
    parents = {process.parent for process in tree}
    return tuple(process.pid for process in tree if process.pid not in parents)


def list_parents(pids: Sequence[int]) -> tuple[int, ...]:
    """Return the processes that these were started by: the zygote, or a sandbox for each."""
    parents = {process.parent for process in _list_tree() if process.pid in pids}
    return tuple(sorted(parents))


def read_private_bytes(pid: int) -> int:
    """Return the memory that a process shares with no other.

    Raises:
        PermissionError: if only root may look.
    """
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    private = (line.split() for line in lines if line.startswith("Private_"))
    return sum(int(words[1]) * 1024 for words in private)


def read_resident_bytes(pid: int) -> int:
    """Return the memory that a process has touched, shared or not."""
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")


def count_descriptors(pid: int) -> int:
    """Return how many files a process has open.

    Raises:
        PermissionError: if only root may look.
    """
    return sum(1 for _ in Path(f"/proc/{pid}/fd").iterdir())


def count_mounts(pid: int) -> int:
    """Return how many mounts a process sees."""
    return len(Path(f"/proc/{pid}/mountinfo").read_text().splitlines())


def _list_tree() -> Iterator[_Process]:
    """Yield this process and its descendants."""
    known = {process.pid: process for process in _list_all()}
    pending = [os.getpid()]
    while pending:
        pid = pending.pop()
        yield known[pid]
        pending += [process.pid for process in known.values() if process.parent == pid]


def _list_all() -> Iterator[_Process]:
    for folder in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(FileNotFoundError, ProcessLookupError):  # it has just ended
            fields = (folder / "stat").read_text().rpartition(")")[2].split()
            ticks = sum(map(int, fields[_FIRST_TIME:_LAST_TIME]))
            yield _Process(int(folder.name), int(fields[_PARENT]), ticks / _TICKS)
