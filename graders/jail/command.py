"""The command line that starts a process in the sandbox, and the process itself.

Without bubblewrap (level C) the files that it may see are read at their own places, and Landlock
forbids all others.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import socket
import subprocess
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Final

from graders.errors import SandboxError
from graders.jail import cuda
from graders.jail.ceiling import Ceiling
from graders.jail.mounts import (
    Mount,
    find_executable,
    find_standard_library,
    list_import_folders,
    list_masked,
    list_mounts,
)
from graders.policy import SANDBOX_NAMESPACES, Device, Layers, list_drop_arguments

SCRATCH: Final = "/w/box"
# Where nothing of its own is mounted: a folder that is there, so that torch need not make one, and
# in which it can write nothing.
NO_SCRATCH: Final = "/"
DEVICES: Final = ("null", "zero", "full", "random", "urandom")
# One thread per worker: a fork of a process whose thread pools have started would hang.
ENVIRONMENT: Final = {
    "LANG": "C.UTF-8",
    "OMP_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "MALLOC_ARENA_MAX": "2",
}
# What torch reads of a processor to choose its kernels. A sandbox whose process has no right to
# take /proc away before it serves gets this instead of /proc.
_PROCESSOR: Final = Path("/proc/cpuinfo")


def start(
    layers: Layers,
    control: socket.socket,
    log: int,
    *,
    device: Device = Device.CPU,
    ceiling: Ceiling | None = None,
) -> subprocess.Popen[bytes]:
    """Start a zygote, or a solo worker where the layers say so.

    It dies with the *thread* that calls this.

    Args:
        layers: the walls around it.
        control: the process's end of its control socket.
        log: descriptor of a file for whatever it prints before it is ready.
        device: what it computes on.
        ceiling: what all processes of the sandbox together may use.

    Raises:
        SandboxError: if it cannot be started.
    """
    command = list_command(layers, control.fileno(), device=device)
    if ceiling is not None:
        command = [*ceiling.list_arguments(), *command]
    try:
        return subprocess.Popen(
            [find_program(command[0]), *command[1:]],
            pass_fds=[control.fileno()],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            cwd="/",
            env={"PATH": os.defpath}
            | ({} if layers.bubblewrap else _list_bare_environment(device)),
        )
    except OSError as error:
        raise SandboxError(f"cannot start {command[0]}: {error}") from error


def end(process: subprocess.Popen[bytes]) -> None:
    """Kill what `start` started, and wait.

    Not the outermost process alone: a bubblewrap that has only just begun is not yet tied to it.
    """
    for pid, parent in reversed(_list_descendants(process.pid)):
        _kill(pid, parent)
    process.kill()
    process.wait()


def _list_descendants(pid: int) -> list[tuple[int, int]]:
    """Return the processes below one and their parents, each after its parent."""
    try:
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    except OSError:
        return []
    return [
        pair for child in map(int, children) for pair in ((child, pid), *_list_descendants(child))
    ]


def _kill(pid: int, parent: int) -> None:
    """Kill a process, unless its number belongs to somebody else by now."""
    with contextlib.suppress(ProcessLookupError):
        pidfd = os.pidfd_open(pid)
        try:
            if _read_parent(pid) == parent:
                signal.pidfd_send_signal(pidfd, signal.SIGKILL)
        finally:
            os.close(pidfd)


def _read_parent(pid: int) -> int:
    """Return the number of a process's parent, 0 where there is no such process."""
    try:
        return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])
    except OSError:
        return 0


def list_command(layers: Layers, control: int, *, device: Device) -> list[str]:
    """Return the whole command line; `control` is the number of the control socket."""
    mounts = [*list_mounts(), *(cuda.list_mounts() if device is Device.CUDA else ())]
    outside = list_drop_arguments() and [*list_view_arguments(mounts), *list_drop_arguments()]
    inside = _list_bubblewrap_arguments(mounts, layers, device) if layers.bubblewrap else []
    return [*outside, *inside, *_list_python_arguments(layers, control)]


def list_device_nodes(device: Device) -> list[Path]:
    """Return the device nodes that a worker may open."""
    plain = [Path("/dev") / name for name in DEVICES]
    return plain + (cuda.list_nodes() if device is Device.CUDA else [])


def find_program(name: str) -> str:
    """Return where a program lies.

    Raises:
        SandboxError: if it is not installed.
    """
    found = shutil.which(name)
    if found is None:
        raise SandboxError(f"{name} is not installed")
    return found


def _list_bubblewrap_arguments(
    mounts: Iterable[Mount], layers: Layers, device: Device
) -> list[str]:
    """Return the command prefix that builds the namespaces and the file system."""
    arguments = [find_program("bwrap"), *SANDBOX_NAMESPACES]
    arguments += ["--die-with-parent", "--new-session", "--hostname", "jail", "--clearenv"]
    arguments += ["--cap-drop", "ALL"]
    if layers.namespaces:  # the zygote makes them; its workers drop it before anything else runs
        arguments += ["--cap-add", "CAP_SYS_ADMIN"]
    for mount in mounts:
        arguments += ["--ro-bind", str(mount.source), str(mount.target)]
    arguments += _list_root_links()
    for folder in list_masked():
        arguments += ["--tmpfs", str(folder), "--remount-ro", str(folder)]
    # Single nodes instead of --dev, whose devpts would cost a second user namespace, from which a
    # zygote could not return to its own pid namespace.
    for node in map(str, list_device_nodes(device)):
        arguments += ["--dev-bind", node, node]
    arguments += _list_kernel_arguments(layers, device)
    # bubblewrap can limit the size of a tmpfs, not the number of its files: only the zygote, whose
    # workers mount one of their own or are kept from it by Landlock, gets one.
    writable = ["--perms", "0700", "--size", str(16 << 20), "--tmpfs", SCRATCH]
    arguments += ["--dir", SCRATCH] if layers.solo else writable
    arguments += ["--remount-ro", "/"]
    places = {"PATH": "/nonexistent", "HOME": SCRATCH, "TMPDIR": SCRATCH}
    if layers.solo:  # a folder that is there already: torch would fail to make one
        places |= {"TORCHINDUCTOR_CACHE_DIR": SCRATCH}
    for name, value in (_list_environment(device) | places).items():
        arguments += ["--setenv", name, value]
    return [*arguments, "--"]


def _list_kernel_arguments(layers: Layers, device: Device) -> list[str]:
    """Return the arguments for what the kernel tells through files.

    A solo worker is process 1, so that there is no other whose memory /proc would open to it.
    """
    if device is Device.CUDA:  # the driver's library looks its devices up in both
        return ["--as-pid-1", "--proc", "/proc", "--ro-bind", "/sys", "/sys"]
    if layers.solo:
        return ["--as-pid-1", "--ro-bind-try", str(_PROCESSOR), str(_PROCESSOR)]
    return ["--proc", "/proc"]


def _list_root_links() -> list[str]:
    """Return bubblewrap's arguments for /lib and the like where they are links."""
    links = [path for path in (Path("/lib"), Path("/lib64")) if path.is_symlink()]
    return [word for path in links for word in ("--symlink", str(path.readlink()), str(path))]


def _list_environment(device: Device) -> dict[str, str]:
    return ENVIRONMENT | (cuda.list_environment() if device is Device.CUDA else {})


def _list_bare_environment(device: Device) -> dict[str, str]:
    """Return the environment where no bubblewrap sets one."""
    places = {"TMPDIR": NO_SCRATCH, "TORCHINDUCTOR_CACHE_DIR": NO_SCRATCH}
    return _list_environment(device) | places


def list_view_arguments(mounts: Sequence[Mount]) -> list[str]:
    """Return the prefix that shows root's own files to the user that root will become.

    Where Python lies in a folder that only root may enter (/root), a bubblewrap that root starts
    puts an empty folder in its place, and the mounted files into that one at their own paths.

    Raises:
        SandboxError: if that is needed and bubblewrap is not installed.
    """
    sources = sorted({mount.source for mount in mounts})
    closed = {path: folder for path in sources if (folder := find_closed_folder(path))}
    if not closed:
        return []
    if shutil.which("bwrap") is None:
        folders = ", ".join(sorted({str(folder) for folder in closed.values()}))
        raise SandboxError(
            f"submissions do not run as root, and only root may enter {folders}: install "
            "bubblewrap, or run as an ordinary user with a Python of its own",
        )
    arguments = [find_program("bwrap"), "--die-with-parent", "--dev-bind", "/", "/"]
    for folder in sorted(set(closed.values())):
        arguments += ["--perms", "0755", "--tmpfs", str(folder)]
    for path, folder in closed.items():
        for parent in reversed(path.relative_to(folder).parents[:-1]):
            arguments += ["--perms", "0755", "--dir", str(folder / parent)]
        arguments += ["--ro-bind", str(path), str(path)]
    return [*arguments, "--"]


def find_closed_folder(path: Path) -> Path | None:
    """Return the topmost folder above `path` that not everybody may enter."""
    parents = reversed(path.parents)
    return next((folder for folder in parents if not folder.stat().st_mode & 0o001), None)


def _list_python_arguments(layers: Layers, control: int) -> list[str]:
    """Return the interpreter's command line: no user site, no .pth files, no bytecode written."""
    library = find_standard_library()
    path = [str(library), str(library / "lib-dynload"), *list_import_folders(layers)]
    part = "solo" if layers.solo else "forking"
    program = f"import sys; sys.path[:] = {path!r}; "
    if layers.solo or not layers.bubblewrap:
        # torch asks for a place for temporary files, and Python would try to write to it.
        place = SCRATCH if layers.bubblewrap else NO_SCRATCH
        program += f"import tempfile; tempfile.tempdir = {place!r}; "
    program += f"from graders.zygote import {part}; {part}.main({control})"
    return [str(find_executable()), "-I", "-S", "-B", "-c", program]
