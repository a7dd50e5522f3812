"""The zygote: imports torch once, then forks a locked one-shot worker per request.

It has one thread, runs no submission's code and is told no answers. Its requests come by the
control socket as JSON; each worker is handed out as three descriptors (its socket, its pidfd, the
file that holds what it prints).
"""

from __future__ import annotations

import contextlib
import gc
import json
import os
import select
import signal
import socket
from pathlib import Path
from typing import Any, Final, NoReturn

import torch

from graders import kernel
from graders.zygote.serving import become_worker
from graders.zygote.walls import Walls
from graders.zygote.warming import make_unlike_the_others, set_up_python, warm_up

SOCKET_BUFFER_BYTES: Final = 1 << 20
CONTROL_BYTES: Final = 65536


def main(control: int) -> None:
    """Serve until the other end of the control socket closes."""
    connection = socket.socket(fileno=control)
    config = json.loads(connection.recv(CONTROL_BYTES))
    zygote = _Zygote(connection, config)
    zygote.prepare()
    zygote.greet()
    zygote.serve()


class _Zygote:
    """The process that every worker is a copy of, and the requests that it serves."""

    def __init__(self, control: socket.socket, config: dict[str, Any]) -> None:
        self._control = control
        self._walls = Walls(config)
        self._layers = self._walls.layers
        self._own_pidfd = os.pidfd_open(os.getpid())
        self._children: dict[int, tuple[int, int]] = {}  # pidfd: (number of the request, pid)
        self._poll = select.poll()
        self._poll.register(control, select.POLLIN)

    def prepare(self) -> None:
        """Pay once for what every worker would pay: imports, first touches, huge pages."""
        if not self._layers["bubblewrap"]:
            kernel.prctl(kernel.PR_SET_PDEATHSIG, signal.SIGKILL)
        set_up_python()
        warm_up()
        kernel.keep_freed_memory()
        gc.collect()
        gc.disable()
        gc.freeze()
        kernel.collapse_heap()
        self._memory = _measure_memory()
        if self._layers["namespaces"]:
            kernel.detach_mount("/proc")  # from here on there is none in the sandbox
        kernel.prctl(kernel.PR_SET_DUMPABLE, 0)

    def greet(self) -> None:
        """Say that it is ready, with the handle by which it can be ended."""
        self._tell({"torch": torch.__version__}, (self._own_pidfd,))

    def serve(self) -> None:
        """Answer requests and report ends, until the control socket closes."""
        control = self._control.fileno()
        while True:
            for descriptor, _ in self._poll.poll():
                if descriptor != control:
                    self._report_end(descriptor)
                elif not self._answer():
                    return

    def _answer(self) -> bool:
        try:
            data = self._control.recv(CONTROL_BYTES)
        except ConnectionError:
            return False
        if data:
            self._spawn(json.loads(data))
        return bool(data)

    def _report_end(self, pidfd: int) -> None:
        number, pid = self._children.pop(pidfd)
        self._poll.unregister(pidfd)
        os.close(pidfd)
        _, status, usage = os.wait4(pid, 0)
        cpu_s = usage.ru_utime + usage.ru_stime
        self._tell({"ended": number, "status": os.waitstatus_to_exitcode(status), "cpu_s": cpu_s})

    def _tell(self, message: dict[str, Any], descriptors: tuple[int, ...] = ()) -> None:
        # A grader that is gone reads nothing any more; the next read of the socket ends us.
        with contextlib.suppress(ConnectionError):
            socket.send_fds(self._control, [json.dumps(message).encode()], descriptors)

    def _spawn(self, request: dict[str, Any]) -> None:
        """Fork a worker and hand it out."""
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_STREAM)
        output = os.memfd_create("output")
        with ours, theirs:
            for end in (ours, theirs):
                end.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SOCKET_BUFFER_BYTES)
            pid = self._fork()
            if pid == 0:
                self._be_worker(request, theirs.fileno(), output)
            pidfd = os.pidfd_open(pid)
            self._children[pidfd] = (request["spawn"], pid)
            self._poll.register(pidfd, select.POLLIN)
            self._tell({"spawned": request["spawn"]}, (ours.fileno(), pidfd, output))
        os.close(output)

    def _fork(self) -> int:
        """Fork, at the levels that allow it into a pid namespace whose first process the child is.

        The namespace for children is set before the fork and set back after it. A raw clone call
        would do both at once, but behind the back of the fork handlers of libc and torch.
        """
        if not self._layers["namespaces"]:
            return os.fork()
        kernel.unshare(kernel.CLONE_NEWPID)
        pid = os.fork()
        if pid:
            kernel.setns(self._own_pidfd, kernel.CLONE_NEWPID)
        return pid

    def _be_worker(self, request: dict[str, Any], channel: int, output: int) -> NoReturn:
        def lock() -> None:
            self._walls.surround_fork(request | self._memory, channel, output)
            make_unlike_the_others()

        become_worker(lock)


def _measure_memory() -> dict[str, int]:
    """Return this process's address space and data, upon which the limits come."""
    lines = Path("/proc/self/status").read_text().splitlines()
    fields = dict(line.split(":", 1) for line in lines)
    names = {"address_bytes": "VmSize", "data_bytes": "VmData"}
    return {name: int(fields[label].split()[0]) * 1024 for name, label in names.items()}
