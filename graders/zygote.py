"""Runs inside the sandbox: imports torch once, then forks a locked one-shot worker per request.

It has one thread, runs no submission's code and is told no answers. Its requests come by the
control socket as JSON; each worker is handed out as three descriptors (its socket, its pidfd, the
file that holds what it prints). The parent's half of this is `graders.jail.Sandbox`.
"""

from __future__ import annotations

import base64
import contextlib
import gc
import json
import os
import random
import resource
import select
import signal
import socket
import sys
import traceback
from pathlib import Path
from typing import Any, Final, NoReturn

import landlockpy
import numpy as np
import torch
from landlockpy import AccessFS, Scope

from graders import kernel, wire, worker

_SCRATCH: Final = "/w/box"
_SCRATCH_BYTES: Final = 16 << 20
_SCRATCH_INODES: Final = 256
_HEAP_BYTES: Final = 6 << 20
_SOCKET_BUFFER_BYTES: Final = 1 << 20
_CONTROL_BYTES: Final = 65536
_DEVICES: Final = ("null", "zero", "full", "random", "urandom")
_WORKER_SOCKET: Final = 3
_ADDRESS_SLACK: Final = 256 << 20
_READY: Final = b"R"
_PAUSE_S: Final = 0.02
_LOCKDOWN_FAILED: Final = 121
_MIB: Final = 1 << 20


def main(control: int) -> None:
    """Serve until the other end of the control socket closes."""
    connection = socket.socket(fileno=control)
    config = json.loads(connection.recv(_CONTROL_BYTES))
    zygote = _Zygote(connection, config)
    zygote.prepare()
    zygote.greet()
    zygote.serve()


class _Zygote:
    """The process that every worker is a copy of, and the requests that it serves."""

    def __init__(self, control: socket.socket, config: dict[str, Any]) -> None:
        self._control = control
        self._layers: dict[str, bool] = config["layers"]
        self._filter = base64.b64decode(config["filter"])
        self._threads: int = config["threads"]
        self._null = os.open("/dev/null", os.O_RDWR)
        self._descriptors_end, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
        self._own_pidfd = os.pidfd_open(os.getpid())
        self._ruleset = self._make_ruleset(config["readable"]) if self._layers["landlock"] else None
        self._children: dict[int, tuple[int, int]] = {}  # pidfd: (number of the request, pid)
        self._poll = select.poll()
        self._poll.register(control, select.POLLIN)

    def prepare(self) -> None:
        """Pay once for what every worker would pay: imports, first touches, huge pages."""
        if not self._layers["bubblewrap"]:
            kernel.prctl(kernel.PR_SET_PDEATHSIG, signal.SIGKILL)
        _set_one_thread()
        _use_line_buffers()
        _warm_up()
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
            data = self._control.recv(_CONTROL_BYTES)
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
                end.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _SOCKET_BUFFER_BYTES)
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
        try:
            self._lock_down(request, channel, output)
            _make_unlike_the_others()
            _serve_submission()
        except EOFError:
            os._exit(0)
        except BaseException:  # noqa: BLE001 - whatever it is, this process must not live on
            with contextlib.suppress(OSError):
                os.write(1, traceback.format_exc().encode())
        finally:
            os._exit(_LOCKDOWN_FAILED)

    def _lock_down(self, request: dict[str, Any], channel: int, output: int) -> None:
        """Build the walls around this fresh process, before it reads an untrusted byte."""
        if not self._layers["namespaces"]:
            kernel.prctl(kernel.PR_SET_PDEATHSIG, signal.SIGKILL)
        # A session of its own: kill(0) reaches the whole process group, across pid namespaces.
        os.setsid()
        if self._layers["namespaces"]:
            self._mount_scratch()
        self._limit(request)
        if self._layers["namespaces"]:
            # After the limits: the number of processes is now this namespace's own ceiling.
            kernel.unshare(kernel.CLONE_NEWUSER)
        kernel.drop_capabilities()
        kernel.prctl(kernel.PR_SET_NO_NEW_PRIVS, 1)
        kernel.prctl(kernel.PR_SET_DUMPABLE, 0)
        if self._ruleset is not None:
            self._ruleset.restrict()
        self._keep_descriptors(channel, output)
        if self._filter:
            kernel.install_filter(self._filter)

    def _mount_scratch(self) -> None:
        kernel.unshare(kernel.CLONE_NEWNS | kernel.CLONE_NEWIPC)
        kernel.mount_tmpfs(_SCRATCH, size_bytes=_SCRATCH_BYTES, inodes=_SCRATCH_INODES)
        os.chdir(_SCRATCH)

    def _keep_descriptors(self, channel: int, output: int) -> None:
        """Keep an empty stdin, the output file twice and the socket, at 0 to 3; close the rest."""
        channel, output = os.dup(channel), os.dup(output)
        os.dup2(self._null, 0)
        os.dup2(output, 1)
        os.dup2(output, 2)
        os.dup2(channel, _WORKER_SOCKET)
        os.closerange(_WORKER_SOCKET + 1, self._descriptors_end)

    def _limit(self, request: dict[str, Any]) -> None:
        size, data = self._memory
        memory = request["memory_mb"] * _MIB
        limits = {
            resource.RLIMIT_AS: size + memory + _ADDRESS_SLACK,
            resource.RLIMIT_DATA: data + memory,
            # Hard and soft alike: the first process of a pid namespace ignores SIGXCPU.
            resource.RLIMIT_CPU: request["cpu_s"],
            resource.RLIMIT_FSIZE: request["file_kb"] * 1024,
            resource.RLIMIT_NOFILE: 64,
            resource.RLIMIT_NPROC: self._threads,
            resource.RLIMIT_STACK: 8 * _MIB,
            resource.RLIMIT_SIGPENDING: 64,
            resource.RLIMIT_CORE: 0,
            resource.RLIMIT_MEMLOCK: 0,
            resource.RLIMIT_MSGQUEUE: 0,
        }
        for kind, value in limits.items():
            resource.setrlimit(kind, (value, value))

    def _make_ruleset(self, readable: list[str]) -> landlockpy.Ruleset:
        """Allow reading what is listed, writing to the devices and to the worker's own scratch.

        One ruleset serves all workers: a rule on the folder above the scratch covers each
        worker's own mount there, because Landlock's walk up the tree passes mount points.
        """
        read = AccessFS.READ_FILE | AccessFS.READ_DIR
        rules = landlockpy.Ruleset(scoped=Scope.ABSTRACT_UNIX_SOCKET | Scope.SIGNAL)
        for path in map(Path, readable):
            rules.allow_path(path, read if path.is_dir() else AccessFS.READ_FILE)
        for device in _DEVICES:
            rules.allow_path(f"/dev/{device}", AccessFS.READ_FILE | AccessFS.WRITE_FILE)
        if self._layers["namespaces"]:
            rules.allow_path(Path(_SCRATCH).parent, read | _WRITE)
        return rules


_WRITE: Final = (
    AccessFS.WRITE_FILE
    | AccessFS.TRUNCATE
    | AccessFS.MAKE_REG
    | AccessFS.MAKE_DIR
    | AccessFS.MAKE_SYM
    | AccessFS.REMOVE_FILE
    | AccessFS.REMOVE_DIR
    | AccessFS.REFER
)


def _set_one_thread() -> None:
    torch.set_num_threads(1)
    torch.set_num_interop_threads(1)


def _use_line_buffers() -> None:
    """Make what was printed before a time limit arrive."""
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(line_buffering=True, errors="backslashreplace")  # type: ignore[union-attr]


def _warm_up() -> None:
    """Do a small job, and carry it through the wire."""
    worker.warm_up()
    frame = b"".join(wire.encode({"ok": {"warm": torch.ones(2, 2, requires_grad=True)}}))
    wire.decode(frame)


def _make_unlike_the_others() -> None:
    """Start from random numbers of its own, which the fork copied, and collect garbage again."""
    random.seed()
    np.random.seed(int.from_bytes(os.urandom(4), "little"))  # noqa: NPY002 - what learners call
    gc.enable()


def _touch_what_a_job_touches() -> None:
    """Copy the memory that a job writes to, while nobody waits for it."""
    _warm_up()
    kernel.prefault_heap(_HEAP_BYTES)


def _measure_memory() -> tuple[int, int]:
    """Return this process's address space and data in bytes, upon which the limits come."""
    lines = Path("/proc/self/status").read_text().splitlines()
    fields = dict(line.split(":", 1) for line in lines)
    size, data = (int(fields[name].split()[0]) * 1024 for name in ("VmSize", "VmData"))
    return size, data


def _serve_submission() -> None:
    """Carry out one message after the other; the grader ends this by SIGKILL."""
    state: dict[str, Any] = {}
    os.write(_WORKER_SOCKET, _READY)
    # In a burst the job is here at once, and what this costs beforehand exceeds what it saves.
    if not _is_asked_within(_PAUSE_S):
        _touch_what_a_job_touches()
    while True:
        message = wire.decode(_read_frame())
        _write_all(_answer(state, message))


def _is_asked_within(timeout_s: float) -> bool:
    poll = select.poll()
    poll.register(_WORKER_SOCKET, select.POLLIN)
    return bool(poll.poll(timeout_s * 1000))


def _answer(state: dict[str, Any], message: dict[str, Any]) -> list[wire.Buffer]:
    try:
        reply = wire.encode(worker.handle(state, message))
    except BaseException as error:  # noqa: BLE001 - the submission's exit is a reply as well
        reply = wire.encode({"error": _describe(error)})
    return reply


def _describe(error: BaseException) -> dict[str, Any]:
    """Describe what escaped the worker's own handling: what it returned cannot be sent."""
    kind = "memory" if isinstance(error, MemoryError) else "exception"
    message = ""
    with contextlib.suppress(BaseException):
        message = str(error)[:2000]
    return {"type": type(error).__name__[:80], "message": message, "frames": [], "kind": kind}


def _read_frame() -> bytearray:
    prefix = _read_exactly(wire.PREFIX.size)
    return prefix + _read_exactly(wire.read_prefix(prefix))


def _read_exactly(size: int) -> bytearray:
    data = bytearray(size)
    view = memoryview(data)
    done = 0
    while done < size:
        count = os.readv(_WORKER_SOCKET, [view[done:]])
        if count == 0:
            raise EOFError
        done += count
    return data


def _write_all(buffers: list[wire.Buffer]) -> None:
    rest = [memoryview(buffer) for buffer in buffers]
    while rest:
        count = os.writev(_WORKER_SOCKET, rest[:512])
        while rest and count >= rest[0].nbytes:
            count -= rest.pop(0).nbytes
        if count:
            rest[0] = rest[0][count:]
