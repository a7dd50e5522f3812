"""A sandbox for each worker: where forked workers could not be kept apart, and for CUDA.

Such a worker is started by itself, imports torch, warms up, and only then is told its limits and
locks itself. To the pool this looks like a zygote; only that each worker takes seconds.
"""

from __future__ import annotations

import contextlib
import json
import os
import select
import signal
import socket
import subprocess
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any, Final

from graders.errors import SandboxError
from graders.jail.ceiling import Ceiling
from graders.jail.command import end, start
from graders.jail.sandbox import START_TIMEOUT_S, configure, list_limits, read_log, receive
from graders.model import Limits
from graders.policy import Device, Level, get_layers

_SIGNAL_BASE: Final = 128  # a shell and bubblewrap report a death by signal so
_LAST_WORDS_S: Final = 5.0


@dataclass(slots=True, kw_only=True, eq=False)
class _Start:
    """A process on its way to be a worker, and then one.

    Attributes:
        process: the outermost process, whose end is the worker's.
        process_fd: its pidfd.
        control: our end of its control socket; closed once it is a worker.
        log: what it prints before it is a worker.
        number: under which it was asked for; 0 as long as it was not.
        limits: that it was asked for with.
        descriptors: its socket, its own pidfd and its output, once it has imported torch.
    """

    process: subprocess.Popen[bytes]
    process_fd: int
    control: socket.socket
    log: IO[bytes]
    number: int = 0
    limits: Limits = field(default_factory=Limits)
    descriptors: list[int] = field(default_factory=list)

    def let_go(self) -> None:
        """Close what we hold of it before it is handed out."""
        self.control.close()
        self.log.close()
        for descriptor in self.descriptors:
            os.close(descriptor)
        self.descriptors = []


class SoloSandbox:
    """Starts a sandbox for each worker; takes the place of `Sandbox` in a pool.

    All of them die with the *thread* that constructs this, which must therefore live as long.

    Args:
        level: the walls to build.
        device: what the workers compute on.

    Raises:
        SandboxError: if no worker starts; the message holds what it printed.
    """

    def __init__(self, level: Level, device: Device = Device.CPU) -> None:
        self._layers = get_layers(level, device)
        self._device = device
        self._configuration = json.dumps(configure(self._layers, device)).encode()
        self._ceiling = Ceiling.make()
        self._events = select.epoll()
        self._starts: dict[int, _Start] = {}  # by the descriptors to wait on
        self._prepared: _Start | None = None
        try:
            self._prepare_first()
        except SandboxError:
            self.close()
            raise

    def fileno(self) -> int:
        """Return the descriptor to wait on for the next message."""
        return self._events.fileno()

    def ask(self, number: int, limits: Limits) -> None:
        """Start a worker, which a later message will bring under this number.

        Raises:
            SandboxError: if none can be started.
        """
        begun, self._prepared = self._prepared or self._start(), None
        begun.number, begun.limits = number, limits
        self._watch(begun)

    def receive(self) -> tuple[dict[str, Any], list[int]]:
        """Return the next message and its descriptors.

        As from a zygote; besides, `stillborn` with the number that was asked for and its last
        `words` where a process ended before it was a worker.
        """
        ready = self._events.poll(0, 1)
        if not ready:
            return {"nothing": True}, []
        descriptor = ready[0][0]
        begun = self._starts[descriptor]
        if descriptor == begun.process_fd:
            return self._report_end(begun), []
        return self._hand_out(begun)

    def close(self) -> None:
        """End every worker."""
        begun = {*self._starts.values(), *filter(None, [self._prepared])}
        for each in begun:
            self._end(each)
            os.close(each.process_fd)
        self._starts.clear()
        self._prepared = None
        self._events.close()
        if self._ceiling is not None:
            self._ceiling.close()

    def _prepare_first(self) -> None:
        """Start the first worker now, to see that one starts and which torch it has."""
        first = self._prepared = self._start()
        first.control.settimeout(START_TIMEOUT_S)
        try:
            greeting, first.descriptors = receive(first.control)
        except TimeoutError as error:
            raise SandboxError(f"no worker started in {START_TIMEOUT_S:.0f} s") from error
        if not greeting:
            raise SandboxError(f"the sandbox did not start: {self._read_last_words(first)}")
        self.torch_version = str(greeting["torch"])

    def _start(self) -> _Start:
        control, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        log = tempfile.TemporaryFile()  # noqa: SIM115 - it lives as long as the start
        try:
            with theirs:
                process = start(
                    self._layers,
                    theirs,
                    log.fileno(),
                    device=self._device,
                    ceiling=self._ceiling,
                )
        except SandboxError:
            control.close()
            log.close()
            raise
        # One that ended at once is met where its greeting is read.
        with contextlib.suppress(ConnectionError):
            control.send(self._configuration)
        process_fd = os.pidfd_open(process.pid)
        return _Start(process=process, process_fd=process_fd, control=control, log=log)

    def _watch(self, begun: _Start) -> None:
        """Hear of its greeting, or, where that was read, hand it out at the next occasion."""
        for descriptor in (begun.control.fileno(), begun.process_fd):
            self._starts[descriptor] = begun
        # A socket that can be written to is an occasion at once.
        event = select.EPOLLOUT if begun.descriptors else select.EPOLLIN
        self._events.register(begun.control.fileno(), event)

    def _hand_out(self, begun: _Start) -> tuple[dict[str, Any], list[int]]:
        """Tell a process that has imported torch its limits, and hand it out as a worker."""
        self._events.unregister(begun.control.fileno())
        del self._starts[begun.control.fileno()]
        try:
            if not begun.descriptors:
                _, begun.descriptors = receive(begun.control)
            sizes = _measure(begun.descriptors[1])
            begun.control.send(json.dumps(list_limits(begun.limits) | sizes).encode())
        except (IndexError, OSError):  # it died, with or without a greeting
            return self._report_stillbirth(begun), []
        self._events.register(begun.process_fd, select.EPOLLIN)
        descriptors, begun.descriptors = begun.descriptors, []
        begun.let_go()
        return {"spawned": begun.number}, descriptors

    def _report_end(self, begun: _Start) -> dict[str, Any]:
        self._forget(begun)
        _, status, usage = os.wait4(begun.process.pid, 0)
        begun.process.returncode = os.waitstatus_to_exitcode(status)
        return {
            "ended": begun.number,
            "status": _read_status(begun.process.returncode),
            "cpu_s": usage.ru_utime + usage.ru_stime,
        }

    def _report_stillbirth(self, begun: _Start) -> dict[str, Any]:
        words = self._read_last_words(begun)
        self._forget(begun)
        self._end(begun)
        return {"stillborn": begun.number, "words": words}

    def _read_last_words(self, begun: _Start) -> str:
        """Return what a process printed that closed its socket; it ends within moments."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            begun.process.wait(_LAST_WORDS_S)
        return read_log(begun.log) or "it ended without a word"

    def _forget(self, begun: _Start) -> None:
        with contextlib.suppress(FileNotFoundError):  # not every end is waited for
            self._events.unregister(begun.process_fd)
        self._starts.pop(begun.process_fd, None)
        os.close(begun.process_fd)

    def _end(self, begun: _Start) -> None:
        end(begun.process)
        begun.let_go()


def _measure(pidfd: int) -> dict[str, int]:
    """Return the memory of a process, upon which its limits come, in bytes."""
    status = _read_fields(Path(f"/proc/self/fdinfo/{pidfd}"))
    fields = _read_fields(Path("/proc", status["Pid"], "status"))
    names = {"address_bytes": "VmSize", "data_bytes": "VmData"}
    return {name: int(fields[label].split()[0]) * 1024 for name, label in names.items()}


def _read_fields(path: Path) -> dict[str, str]:
    lines = path.read_text().splitlines()
    return {name: value.strip() for name, _, value in (line.partition(":") for line in lines)}


def _read_status(code: int) -> int:
    """Return the worker's exit status from that of the program around it.

    A worker that exits with 128 and the number of a signal cannot be told from one that died of
    it.
    """
    number = code - _SIGNAL_BASE
    return -number if number in set(signal.Signals) else code
