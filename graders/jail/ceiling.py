"""A ceiling for the whole sandbox, where the machine lets us set one: a control group.

Each worker has its own limits; the ceiling bounds what all of them and the zygote use together.
It is optional: with version 2 of control groups it needs a delegated one (`systemd-run --user
--scope -p Delegate=yes …`), with version 1 it needs root.
"""

from __future__ import annotations

import contextlib
import itertools
import os
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Self

ROOT: Final = Path("/sys/fs/cgroup")
_OWN: Final = Path("/proc/self/cgroup")
_CONTROLLERS: Final = ("cpu", "memory", "pids")
_PREFIX: Final = "graders-"
# Where this process goes: a group that gives controllers to others must be empty itself.
_LEAF: Final = "graders-main"
_MEMORY_SHARE: Final = 0.75
_PROCESSES: Final = 1024
_PERIOD_US: Final = 100_000
_SHARES_OF_A_PROCESSOR: Final = 4 * 1024  # 1024 is the share of a process in no group
_LEFT_US: Final = 5_000  # of one processor in each period, for the grader itself
_REMOVE_TIMEOUT_S: Final = 1.0

_numbers = itertools.count()


@dataclass(frozen=True, slots=True)
class Ceiling:
    """A control group of a sandbox.

    Attributes:
        version: of the control groups, 1 or 2.
        folders: its folder; with version 1 one for each controller.
    """

    version: int
    folders: tuple[Path, ...]

    @classmethod
    def make(cls, root: Path = ROOT, own: Path = _OWN) -> Self | None:
        """Make a ceiling, None where this machine does not let us.

        With version 2 this moves the calling process into a group below its own.

        Args:
            root: where control groups are mounted.
            own: the file that says in which ones this process is.
        """
        try:
            groups = _read_groups(own)
            made = _make_second(root, groups) or _make_first(root, groups)
        except OSError:
            return None
        return cls(*made) if made else None

    def list_arguments(self) -> list[str]:
        """Return the command prefix that starts a program inside."""
        # The program joins before it is anything else: whatever it starts is inside as well.
        script = 'for group; do shift; [ "$group" = -- ] && break; echo $$ > "$group" || exit 125; '
        script += 'done; exec "$@"'
        files = [str(folder / "cgroup.procs") for folder in self.folders]
        return ["sh", "-c", script, "sh", *files, "--"]

    def close(self) -> None:
        """Remove it; its processes must have been ended."""
        end = time.monotonic() + _REMOVE_TIMEOUT_S
        for folder in self.folders:
            while not _remove(folder) and time.monotonic() < end:
                time.sleep(0.01)


def describe(root: Path = ROOT, own: Path = _OWN) -> str:
    """Say whether a ceiling can be made, by making one: `version 2`, `version 1` or `none`."""
    ceiling = Ceiling.make(root, own)
    if ceiling is None:
        return "none"
    ceiling.close()
    return f"version {ceiling.version}"


def _read_groups(own: Path) -> dict[str, str]:
    """Return this process's group by controller; that of version 2 has an empty name."""
    groups: dict[str, str] = {}
    for line in own.read_text().splitlines():
        _, controllers, path = line.split(":", 2)
        groups |= dict.fromkeys(controllers.split(","), path)
    return groups


def _make_second(root: Path, groups: dict[str, str]) -> tuple[int, tuple[Path, ...]] | None:
    base = root / groups.get("", "").strip("/")
    if base.name == _LEAF:
        base = base.parent
    controllers = base / "cgroup.controllers"
    if not controllers.exists() or not {"memory", "pids"} <= set(controllers.read_text().split()):
        return None
    _give_controllers(base, set(controllers.read_text().split()))
    folder = _make_folder(base)
    (folder / "memory.max").write_text(str(_count_memory()))
    (folder / "pids.max").write_text(str(_PROCESSES))
    _write_if_there(folder / "memory.swap.max", "0")
    _write_if_there(folder / "cpu.max", f"{_count_processor_us()} {_PERIOD_US}")
    return 2, (folder,)


def _give_controllers(base: Path, offered: set[str]) -> None:
    """Let the groups below `base` have the controllers.

    Raises:
        OSError: if this machine does not let us.
    """
    switch = base / "cgroup.subtree_control"
    wanted = offered & set(_CONTROLLERS)
    if wanted <= set(switch.read_text().split()):
        return
    words = " ".join(f"+{name}" for name in sorted(wanted))
    try:
        switch.write_text(words)
    except OSError:
        leaf = base / _LEAF
        leaf.mkdir(exist_ok=True)
        (leaf / "cgroup.procs").write_text(str(os.getpid()))
        _switch_or_return(switch, words, base)


def _switch_or_return(switch: Path, words: str, base: Path) -> None:
    try:
        switch.write_text(words)
    except OSError:  # others are in this group too
        (base / "cgroup.procs").write_text(str(os.getpid()))
        _remove(base / _LEAF)
        raise


def _make_first(root: Path, groups: dict[str, str]) -> tuple[int, tuple[Path, ...]] | None:
    if not {"memory", "pids"} <= groups.keys():
        return None
    folders = {
        name: _make_folder(_find_first(root, name, groups[name]))
        for name in _CONTROLLERS
        if name in groups
    }
    (folders["memory"] / "memory.limit_in_bytes").write_text(str(_count_memory()))
    (folders["pids"] / "pids.max").write_text(str(_PROCESSES))
    if "cpu" in folders:
        (folders["cpu"] / "cpu.cfs_period_us").write_text(str(_PERIOD_US))
        (folders["cpu"] / "cpu.cfs_quota_us").write_text(str(_count_processor_us()))
        # A group competes as one with each process that is in none: bounded, it need not be slowed.
        shares = _SHARES_OF_A_PROCESSOR * len(os.sched_getaffinity(0))
        _write_if_there(folders["cpu"] / "cpu.shares", str(shares))
    return 1, tuple(folders.values())


def _find_first(root: Path, controller: str, path: str) -> Path:
    """Return this process's folder; in a container its path may be that of the host."""
    folder = root / controller / path.strip("/")
    return folder if folder.is_dir() else root / controller


def _make_folder(base: Path) -> Path:
    """Make a group of our own below `base`, and remove those that dead graders left there."""
    for folder in base.glob(f"{_PREFIX}[0-9]*"):
        pid = folder.name.removeprefix(_PREFIX).partition("-")[0]
        if pid.isdigit() and not Path("/proc", pid).exists():
            _remove(folder)
    made = base / f"{_PREFIX}{os.getpid()}-{next(_numbers)}"
    made.mkdir()
    return made


def _write_if_there(file: Path, value: str) -> None:
    """Set a limit that not every kernel offers."""
    if file.exists():
        file.write_text(value)


def _remove(folder: Path) -> bool:
    with contextlib.suppress(FileNotFoundError):
        try:
            folder.rmdir()
        except OSError:  # processes are still in it
            return False
    return True


def _count_memory() -> int:
    return int(_MEMORY_SHARE * os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE"))


def _count_processor_us() -> int:
    return len(os.sched_getaffinity(0)) * _PERIOD_US - _LEFT_US
