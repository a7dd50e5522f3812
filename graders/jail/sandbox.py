"""A sandbox around a zygote, which is asked for workers through a socket."""

from __future__ import annotations

import base64
import contextlib
import json
import os
import signal
import socket
import subprocess
import tempfile
from dataclasses import asdict
from pathlib import Path
from typing import IO, Any, Final

from graders.errors import SandboxError
from graders.jail.ceiling import Ceiling
from graders.jail.command import end, list_device_nodes, start
from graders.jail.mounts import list_readable
from graders.model import Limits
from graders.policy import SUBMISSION_UID, Device, Layers, Level, build_filter, get_layers

START_TIMEOUT_S: Final = 60.0
CONTROL_BYTES: Final = 65536
_THREADS_BESIDES: Final = 64


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
        self._ceiling = Ceiling.make()
        with tempfile.TemporaryFile() as log:
            try:
                with theirs:  # held by nobody but the zygote, whose end must end what we read
                    self._process = start(layers, theirs, log.fileno(), ceiling=self._ceiling)
            except SandboxError:
                self._socket.close()
                self._remove_ceiling()
                raise
            try:
                self._greet(layers)
            except OSError as error:
                self.close()
                raise SandboxError(
                    f"the sandbox did not start: {read_log(log) or error}"
                ) from error

    def _greet(self, layers: Layers) -> None:
        """Send the configuration and wait until torch is imported and warm."""
        self._socket.settimeout(START_TIMEOUT_S)
        self._socket.send(json.dumps(configure(layers)).encode())
        greeting, descriptors = self.receive()
        if not greeting:
            raise OSError("it ended without a word")
        self._zygote = descriptors[0]
        self.torch_version = str(greeting["torch"])
        self._socket.settimeout(None)

    def fileno(self) -> int:
        """Return the descriptor to wait on for the next message."""
        return self._socket.fileno()

    def ask(self, number: int, limits: Limits) -> None:
        """Ask for a worker, which a later message will bring under this number.

        Raises:
            OSError: if the zygote is gone.
        """
        self._socket.send(json.dumps({"spawn": number} | list_limits(limits)).encode())

    def receive(self) -> tuple[dict[str, Any], list[int]]:
        """Return the next message and its descriptors; nothing if the zygote is gone.

        A message says `spawned` or `ended` with the number that was asked for; an end comes with
        the exit `status` (negative: a signal) and `cpu_s`, the processor seconds of its life.
        """
        return receive(self._socket)

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
        end(self._process)
        self._remove_ceiling()

    def _remove_ceiling(self) -> None:
        if self._ceiling is not None:
            self._ceiling.close()


def configure(layers: Layers, device: Device = Device.CPU) -> dict[str, Any]:
    """Return what a process must know to build its walls, ready for JSON."""
    program = build_filter(layers, device) if layers.seccomp else b""
    return {
        "layers": asdict(layers),
        "readable": [str(path) for path in list_readable(layers)],
        "devices": [str(path) for path in list_device_nodes(device)],
        "device": str(device),
        "filter": base64.b64encode(program).decode(),
        "threads": _THREADS_BESIDES + (0 if layers.bubblewrap else _count_threads_of_user()),
    }


def list_limits(limits: Limits) -> dict[str, int]:
    """Return what a worker sets as its limits, ready for JSON."""
    return {
        "memory_mb": limits.memory_mb,
        "cpu_s": limits.cpu_s,
        "file_kb": max(1024, limits.output_kb + 4),
    }


def receive(control: socket.socket) -> tuple[dict[str, Any], list[int]]:
    """Return a message and its descriptors; nothing if the other end is gone."""
    try:
        data, descriptors, _, _ = socket.recv_fds(
            control, CONTROL_BYTES, 3, socket.MSG_CMSG_CLOEXEC
        )
    except ConnectionError:
        return {}, []
    return (json.loads(data) if data else {}), descriptors


def read_log(log: IO[bytes]) -> str:
    """Return the beginning of what a process printed while it started."""
    return os.pread(log.fileno(), 4000, 0).decode(errors="replace").strip()


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
