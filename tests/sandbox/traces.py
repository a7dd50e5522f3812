"""What a submission may leave on a machine, and how to see that it left nothing.

Everything is looked at from outside, as the kernel tells it: processes, descriptors, mounts, System
V objects, keys and files. What a pool keeps for itself (its zygote, the workers that wait) does not
count.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from graders.jail import Sandbox, SoloSandbox
from graders.policy import SUBMISSION_UID
from graders.pool.worker import _read_pid

MARK = "left-by-an-attack"
"""The name of whatever an attack of these tests leaves."""

SETTLED_S = 60.0
_WRITABLE = ("/", "/tmp", "/var/tmp", "/dev/shm", "/run", "/etc", "/usr/lib", "/dev", "/w", "/site")
_SYSTEM_V = [f"/proc/sysvipc/{kind}" for kind in ("shm", "sem", "msg")]
_WORKER_DESCRIPTORS = 3  # that the pool holds of each worker
Seen = dict[str, Any]


def list_children(pid: int) -> set[int]:
    found: set[int] = set()
    with contextlib.suppress(OSError):
        for task in Path(f"/proc/{pid}/task").iterdir():
            with contextlib.suppress(OSError):
                found |= set(map(int, (task / "children").read_text().split()))
    return found


def list_descendants(pid: int) -> set[int]:
    children = list_children(pid)
    return children.union(*map(list_descendants, children))


def is_running(pid: int) -> bool:
    """Whether a process is there and no zombie that somebody else has to bury."""
    try:
        status = Path(f"/proc/{pid}/stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return False
    return status.rpartition(")")[2].split()[0] != "Z"


def wait_until(condition, timeout_s: float = SETTLED_S) -> None:
    end = time.monotonic() + timeout_s
    while not condition() and time.monotonic() < end:
        time.sleep(0.01)
    assert condition()


def get_zygote(pool) -> int:
    """Return the number that the zygote has outside the sandbox."""
    return _read_pid(pool._sandbox._zygote)


def list_wrappers(pool) -> set[int]:
    """Return the outermost processes of workers that have a sandbox each; else there are none."""
    if not isinstance(pool._sandbox, SoloSandbox):
        return set()
    return {begun.process.pid for begun in list(pool._sandbox._starts.values())}


def look(pools: list[Any]) -> Seen:
    """Return what there is, without what the pools keep for themselves."""
    coming_and_going = sum(map(_count_coming_and_going, pools))
    zygotes = {get_zygote(pool) for pool in pools if isinstance(pool._sandbox, Sandbox)}
    wrappers = set().union(*map(list_wrappers, pools))
    workers = {worker._pid for pool in pools for worker in list(pool._alive.values())}
    own = list_descendants(os.getpid()) - wrappers.union(*map(list_descendants, wrappers))
    held = _WORKER_DESCRIPTORS * len(workers) + len(wrappers)
    return {
        "coming and going": coming_and_going,
        "processes": own - workers,
        "workers without an owner": set().union(*map(list_children, zygotes)) - workers,
        "children of workers": set().union(*map(list_descendants, workers)),
        "descriptors": _count_descriptors(os.getpid()) - held,
        "descriptors of zygotes": [_count_of_zygote(pid) for pid in sorted(zygotes)],
        "mounts": [_read(f"/proc/{pid}/mountinfo") for pid in (os.getpid(), *sorted(zygotes))],
        "system v": [_list_owned(_read(place) or "") for place in _SYSTEM_V],
        "keys": _read_keys(),
        "files": sorted(_list_marked()),
    }


def look_at_rest(pools: list[Any]) -> Seen:
    """Look when no worker is on its way from its zygote to the pool, or to its end."""
    end = time.monotonic() + SETTLED_S
    before, seen = {}, look(pools)
    while seen != before or seen["workers without an owner"] or seen["coming and going"]:
        assert time.monotonic() < end, seen
        time.sleep(0.005)
        before, seen = seen, look(pools)
    return seen


def require_nothing_left(before: Seen, pools: list[Any], timeout_s: float = SETTLED_S) -> None:
    """Wait until all is as it was before: an end takes a moment to be told everywhere."""
    end = time.monotonic() + timeout_s
    while (after := look(pools)) != before and time.monotonic() < end:
        time.sleep(0.01)
    left = {kind: (before[kind], after[kind]) for kind in before if before[kind] != after[kind]}
    assert left == {}, left


def _count_coming_and_going(pool: Any) -> int:
    """Count the workers on their way: one that was let go of is held no more, yet still alive."""
    going = [worker for worker in list(pool._alive.values()) if worker.is_closed]
    return len(going) + len(pool._asked) + len(pool._starting) + len(pool._done)


def list_system_v_objects_inside(pool) -> list[str] | None:
    """Return the objects in the sandbox's own ipc namespace; None where it cannot be entered."""
    if os.geteuid() != 0 or shutil.which("nsenter") is None:
        return None
    command = ["nsenter", f"--target={get_zygote(pool)}", "--ipc", "cat", *_SYSTEM_V]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return _list_owned(done.stdout)


def _count_descriptors(pid: int) -> int:
    # The listing holds a descriptor itself, of which this process has one more while it looks.
    return len(os.listdir(f"/proc/{pid}/fd")) - (pid == os.getpid())  # noqa: PTH208


def _count_of_zygote(pid: int) -> int | None:
    """Count what a zygote holds besides one descriptor a child; None where only root may look."""
    try:
        return _count_descriptors(pid) - len(list_children(pid))
    except OSError:
        return None


def _read(path: str) -> str | None:
    try:
        return Path(path).read_text()
    except OSError:
        return None


def _list_owned(tables: str) -> list[str]:
    """Return the lines about System V objects that the users of submissions made.

    Others come and go on any machine: a database server keeps some, and who looks at them last.
    """
    owned: list[str] = []
    names: list[str] = []
    for line in tables.splitlines():
        words = line.split()
        if "key" in words:
            names = words
        elif words[names.index("cuid")] in _list_users():
            owned.append(line)
    return owned


def _list_users() -> set[str]:
    """Return the users that submissions may be, as the kernel writes them."""
    return {str(SUBMISSION_UID), str(os.geteuid())}


def _read_keys() -> list[str]:
    """Return the lines about keys that the users of submissions own."""
    users = _list_users()
    lines = (_read("/proc/key-users") or "").splitlines()
    owned = [line.split()[:2] for line in lines if line.split(":")[0].strip() in users - {"0"}]
    return [*map(str, owned), *sorted(_list_key_names())]


def _list_key_names() -> Iterator[str]:
    for line in (_read("/proc/keys") or "").splitlines():
        if MARK in line:
            yield line


def _list_marked() -> Iterator[str]:
    """Find what bears the attacks' mark, or belongs to their user, in places open to all."""
    for folder in (*_WRITABLE, os.getcwd(), os.path.expanduser("~")):  # noqa: PTH109, PTH111
        with contextlib.suppress(OSError), os.scandir(folder) as entries:
            for entry in entries:
                if MARK in entry.name or _is_of_submission(entry):
                    yield entry.path


def _is_of_submission(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.stat(follow_symlinks=False).st_uid == SUBMISSION_UID
    except OSError:
        return False
