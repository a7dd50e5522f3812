"""Starts the sandbox: what it can see, who it runs as, and the socket that it is asked through.

The sandbox shows this Python's standard library, the distributions that torch needs and the few
modules of this package that a worker imports, each mounted by itself at a fixed place. It never
shows `site-packages` or a checkout as a whole: the answer keys of an installed quizzer lie there.
Without bubblewrap (level C) the same files are read at their own places, and Landlock forbids all
others.
"""

from __future__ import annotations

import base64
import contextlib
import importlib.metadata
import importlib.util
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import sysconfig
import tempfile
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

from graders.errors import SandboxError
from graders.model import Limits
from graders.policy import (
    LAYERS,
    SANDBOX_NAMESPACES,
    SUBMISSION_UID,
    Layers,
    Level,
    build_filter,
    get_layers,
    list_drop_arguments,
)

__all__ = ["LAYERS", "Level", "Mount", "Sandbox", "list_mounts"]

SITE: Final = Path("/site")
SCRATCH: Final = "/w/box"
START_TIMEOUT_S: Final = 60.0

_DISTRIBUTIONS: Final = ("torch", "numpy", "msgpack", "landlockpy")
_PACKAGE_FOLDERS: Final = ("site-packages", "dist-packages")
# What zygote.py and worker.py import of this package. Never the exercises, never the judge.
_OWN_MODULES: Final = (
    "__init__.py",
    "errors.py",
    "model.py",
    "kernel.py",
    "wire",
    "checks",
    "worker.py",
    "zygote.py",
)
_DEVICES: Final = ("null", "zero", "full", "random", "urandom")
_THREADS_BESIDES: Final = 64
# One thread per worker: a fork of a process whose thread pools have started would hang.
_ENVIRONMENT: Final = {
    "LANG": "C.UTF-8",
    "OMP_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "MALLOC_ARENA_MAX": "2",
}
_CONTROL_BYTES: Final = 65536


@dataclass(frozen=True, slots=True, order=True)
class Mount:
    """A file or folder of this machine (links resolved) and where the sandbox shows it."""

    target: Path
    source: Path


def list_mounts() -> tuple[Mount, ...]:
    """Return everything of this machine's file system that the sandbox shows, read-only."""
    runtime = [_find_executable(), _find_standard_library(), *_list_shared_libraries()]
    return (*(Mount(path, path.resolve()) for path in runtime), *_list_site_mounts())


class Sandbox:
    """A running zygote: asked for workers through a socket, gone when the socket closes.

    It also dies with the *thread* that constructs it, which must therefore live as long.

    Args:
        level: the walls to build.

    Raises:
        SandboxError: if it does not start; the message holds what it printed.
    """

    def __init__(self, level: Level) -> None:
        layers = get_layers(level)
        self._zygote: int | None = None  # its pidfd
        self._socket, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with tempfile.TemporaryFile() as log:
            with theirs:  # held by nobody but the zygote, whose end must end what we read
                self._process = self._start(layers, theirs, log.fileno())
            try:
                self._greet(layers)
            except OSError as error:
                self.close()
                log.seek(0)
                text = log.read(4000).decode(errors="replace").strip()
                raise SandboxError(f"the sandbox did not start: {text or error}") from error

    def _start(self, layers: Layers, theirs: socket.socket, log: int) -> subprocess.Popen[bytes]:
        mounts = list_mounts()
        outside = list_drop_arguments() and [*_list_view_arguments(mounts), *list_drop_arguments()]
        inside = _list_bubblewrap_arguments(mounts, layers) if layers.bubblewrap else []
        command = [*outside, *inside, *_list_python_arguments(layers, theirs.fileno())]
        try:
            return subprocess.Popen(
                [_find_program(command[0]), *command[1:]],
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd="/",
                env={"PATH": os.defpath} | ({} if layers.bubblewrap else _ENVIRONMENT),
            )
        except OSError as error:
            self._socket.close()
            raise SandboxError(f"cannot start {command[0]}: {error}") from error

    def _greet(self, layers: Layers) -> None:
        """Send the configuration and wait until torch is imported and warm."""
        self._socket.settimeout(START_TIMEOUT_S)
        self._socket.send(json.dumps(_configure(layers)).encode())
        greeting, descriptors = self.receive()
        if not greeting:
            raise OSError("it ended without a word")
        self._zygote = descriptors[0]
        self.torch_version = str(greeting["torch"])
        self._socket.settimeout(None)

    def fileno(self) -> int:
        """Return the descriptor of the control socket, to wait on."""
        return self._socket.fileno()

    def ask(self, number: int, limits: Limits) -> None:
        """Ask for a worker, which a later message will bring under this number.

        Raises:
            OSError: if the zygote is gone.
        """
        request = {
            "spawn": number,
            "memory_mb": limits.memory_mb,
            "cpu_s": limits.cpu_s,
            "file_kb": max(1024, limits.output_kb + 4),
        }
        self._socket.send(json.dumps(request).encode())

    def receive(self) -> tuple[dict[str, Any], list[int]]:
        """Return the zygote's next message and its descriptors; nothing if the zygote is gone."""
        try:
            data, descriptors, _, _ = socket.recv_fds(
                self._socket, _CONTROL_BYTES, 3, socket.MSG_CMSG_CLOEXEC
            )
        except ConnectionError:
            return {}, []
        return (json.loads(data) if data else {}), descriptors

    def close(self) -> None:
        """End the zygote and every worker."""
        self._socket.close()  # at which the zygote ends, and all that it started with it
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(2)
        if self._zygote is not None:
            with contextlib.suppress(ProcessLookupError):
                signal.pidfd_send_signal(self._zygote, signal.SIGKILL)
            os.close(self._zygote)
            self._zygote = None
        self._process.kill()
        self._process.wait()


def _find_program(name: str) -> str:
    found = shutil.which(name)
    if found is None:
        raise SandboxError(f"{name} is not installed")
    return found


def _find_executable() -> Path:
    """Return the interpreter itself, not the link that a virtual environment makes to it."""
    return Path(getattr(sys, "_base_executable", sys.executable)).resolve()


def _find_standard_library() -> Path:
    return Path(sysconfig.get_path("stdlib")).resolve()


def _list_shared_libraries() -> list[Path]:
    """Return the folders of the system's libraries, and the libraries beside this Python."""
    architecture = str(sysconfig.get_config_var("MULTIARCH"))
    narrow = [Path("/usr/lib") / architecture, Path("/lib") / architecture]
    found = [path for path in narrow if path.is_dir()] or [Path("/usr/lib"), Path("/lib")]
    found += [Path("/usr/lib64"), Path("/lib64")]
    # /lib is a link to /usr/lib on most systems: `_list_root_links` shows it as one.
    folders = {path.resolve() for path in found if path.is_dir()}
    beside = Path(sys.base_prefix).resolve() / "lib"
    libraries = set(beside.glob("*.so*")) if beside not in folders else set()
    return sorted(folders | libraries | {Path("/etc/ld.so.cache")})


def _list_root_links() -> list[str]:
    """Return bubblewrap's arguments for /lib and the like where they are links."""
    links = [path for path in (Path("/lib"), Path("/lib64")) if path.is_symlink()]
    return [word for path in links for word in ("--symlink", str(path.readlink()), str(path))]


def _list_site_mounts() -> list[Mount]:
    here = Path(__file__).resolve().parent
    own = [Mount(SITE / "graders" / name, here / name) for name in _OWN_MODULES]
    return [*_list_distribution_mounts(), *own]


def _list_distribution_mounts() -> list[Mount]:
    mounts: dict[str, Mount] = {}
    for distribution in _list_distributions(_DISTRIBUTIONS):
        for path in _list_top_level(distribution):
            mounts.setdefault(path.name, Mount(SITE / path.name, path.resolve()))
    return sorted(mounts.values())


def _list_distributions(names: Iterable[str]) -> list[importlib.metadata.Distribution]:
    """Return the named distributions and all that they require, as far as they are installed."""
    found: dict[str, importlib.metadata.Distribution] = {}
    todo = list(names)
    while todo:
        name = re.sub(r"[-_.]+", "-", todo.pop()).lower()
        if name in found:
            continue
        with contextlib.suppress(importlib.metadata.PackageNotFoundError):
            found[name] = importlib.metadata.distribution(name)
            todo += _list_requirements(found[name])
    return list(found.values())


def _list_requirements(distribution: importlib.metadata.Distribution) -> list[str]:
    """Return the names that a distribution requires, optional extras left out."""
    requirements = [line.partition(";") for line in distribution.requires or ()]
    wanted = [name for name, _, marker in requirements if "extra" not in marker]
    return [found[0] for name in wanted if (found := re.match(r"[\w.-]+", name))]


def _list_top_level(distribution: importlib.metadata.Distribution) -> list[Path]:
    """Return the top-level modules and folders that a distribution installed, metadata left out."""
    root = Path(str(distribution.locate_file("")))
    names = {Path(str(file)).parts[0] for file in distribution.files or ()}
    importable = [
        root / name
        for name in names
        if name not in {"..", "__pycache__", "/"} and not name.endswith((".dist-info", ".pth"))
    ]
    return [path for path in importable if path.exists()] or _find_by_import(distribution)


def _find_by_import(distribution: importlib.metadata.Distribution) -> list[Path]:
    """Find the modules of a distribution that keeps no list of files (a system package)."""
    listed = (distribution.read_text("top_level.txt") or "").split()
    name = distribution.metadata["Name"].lower().replace("-", "_")
    specs = [importlib.util.find_spec(module) for module in listed or [name]]
    origins = [Path(spec.origin) for spec in specs if spec is not None and spec.origin]
    return [path.parent if path.name == "__init__.py" else path for path in origins]


def _list_bubblewrap_arguments(mounts: Iterable[Mount], layers: Layers) -> list[str]:
    """Return the command prefix that builds the namespaces and the file system."""
    arguments = [_find_program("bwrap"), *SANDBOX_NAMESPACES]
    arguments += ["--die-with-parent", "--new-session", "--hostname", "jail", "--clearenv"]
    arguments += ["--cap-drop", "ALL"]
    if layers.namespaces:  # the zygote makes them; its workers drop it before anything else runs
        arguments += ["--cap-add", "CAP_SYS_ADMIN"]
    for mount in mounts:
        arguments += ["--ro-bind", str(mount.source), str(mount.target)]
    arguments += _list_root_links()
    for folder in _list_masked():
        arguments += ["--tmpfs", str(folder), "--remount-ro", str(folder)]
    # Five nodes instead of --dev, whose devpts would cost a second user namespace, from which a
    # zygote could not return to its own pid namespace.
    for device in _DEVICES:
        arguments += ["--dev-bind", f"/dev/{device}", f"/dev/{device}"]
    arguments += ["--proc", "/proc", "--perms", "0700", "--size", str(16 << 20), "--tmpfs", SCRATCH]
    arguments += ["--remount-ro", "/"]
    places = {"PATH": "/nonexistent", "HOME": SCRATCH, "TMPDIR": SCRATCH}
    for name, value in (_ENVIRONMENT | places).items():
        arguments += ["--setenv", name, value]
    return [*arguments, "--"]


def _list_masked() -> list[Path]:
    """Return folders of installed packages that lie inside what is mounted."""
    inside = [_find_standard_library() / name for name in _PACKAGE_FOLDERS]
    return [folder for folder in inside if folder.is_dir()]


def _list_view_arguments(mounts: Iterable[Mount]) -> list[str]:
    """Return the prefix that shows root's own files to the user that root will become.

    Where Python lies in a folder that only root may enter (/root), a bubblewrap that root starts
    puts an empty folder in its place, and the mounted files into that one at their own paths.
    """
    sources = sorted({mount.source for mount in mounts})
    closed = {path: folder for path in sources if (folder := _find_closed_folder(path))}
    if not closed:
        return []
    if shutil.which("bwrap") is None:
        folders = ", ".join(sorted({str(folder) for folder in closed.values()}))
        raise SandboxError(
            f"submissions do not run as root, and only root may enter {folders}: install "
            "bubblewrap, or run as an ordinary user with a Python of its own",
        )
    arguments = [_find_program("bwrap"), "--die-with-parent", "--dev-bind", "/", "/"]
    for folder in sorted(set(closed.values())):
        arguments += ["--perms", "0755", "--tmpfs", str(folder)]
    for path, folder in closed.items():
        for parent in reversed(path.relative_to(folder).parents[:-1]):
            arguments += ["--perms", "0755", "--dir", str(folder / parent)]
        arguments += ["--ro-bind", str(path), str(path)]
    return [*arguments, "--"]


def _find_closed_folder(path: Path) -> Path | None:
    """Return the topmost folder above `path` that not everybody may enter."""
    parents = reversed(path.parents)
    return next((folder for folder in parents if not folder.stat().st_mode & 0o001), None)


def _list_python_arguments(layers: Layers, control: int) -> list[str]:
    """Return the interpreter's command line: no user site, no .pth files, no bytecode written."""
    library = _find_standard_library()
    path = [str(library), str(library / "lib-dynload"), *_list_import_folders(layers)]
    program = f"import sys; sys.path[:] = {path!r}; from graders import zygote; "
    program += f"zygote.main({control})"
    return [str(_find_executable()), "-I", "-S", "-B", "-c", program]


def _list_import_folders(layers: Layers) -> list[str]:
    if layers.bubblewrap:
        return [str(SITE)]
    # The folders as they are; past its own imports a worker can open only the listed entries.
    folders = {mount.source.parent for mount in _list_distribution_mounts()}
    searched = [Path(entry).resolve() for entry in sys.path if entry]
    own = Path(__file__).resolve().parents[1]
    return [str(path) for path in dict.fromkeys([*searched, own]) if path in folders | {own}]


def _configure(layers: Layers) -> dict[str, Any]:
    """Return what the zygote must know, ready for JSON."""
    program = build_filter(layers) if layers.seccomp else b""
    return {
        "layers": asdict(layers),
        "readable": [str(path) for path in _list_readable(layers)],
        "filter": base64.b64encode(program).decode(),
        "threads": _THREADS_BESIDES + (0 if layers.bubblewrap else _count_threads_of_user()),
    }


def _list_readable(layers: Layers) -> list[Path]:
    """Return what Landlock lets a worker read, as paths inside the sandbox."""
    if layers.bubblewrap:
        runtime = [_find_executable(), _find_standard_library(), *_list_shared_libraries()]
        return [*runtime, SITE]
    sources = [mount.source for mount in list_mounts()]
    library = _find_standard_library()
    # Landlock grants whole trees only, and installed packages lie within the standard library's.
    entries = [path for path in library.iterdir() if path.name not in _PACKAGE_FOLDERS]
    return [path for path in sources if path != library] + entries


def _count_threads_of_user() -> int:
    """Count the threads of the user that submissions run as.

    Without a user namespace the kernel's limit for a worker counts those too.
    """
    uid = SUBMISSION_UID if os.geteuid() == 0 else os.geteuid()
    count = 0
    for folder in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(FileNotFoundError, ProcessLookupError, PermissionError):
            if folder.stat().st_uid == uid:
                count += len(list((folder / "task").iterdir()))
    return count
