"""One jailed process, as the grader holds it: asked by a deadline, timed and ended from outside."""

from __future__ import annotations

import contextlib
import os
import select
import signal
import socket
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final, Self

from graders import wire
from graders.errors import ProtocolError, SandboxError
from graders.model import Limits

_HANG_UP_S: Final = 0.5  # a dead process is reported much sooner
_END_REPORT_S: Final = 5.0
_CPU_TOLERANCE_S: Final = 0.5  # the kernel checks its limit by a coarser count than it reports
_READY: Final = b"R"


class TimeLimit(Exception):  # noqa: N818 - named after the verdict
    """The worker gave no whole reply in time."""


class WorkerDied(Exception):  # noqa: N818 - an end, not an error of ours
    """The worker ended while it was asked something.

    Attributes:
        reason: "cpu" (it used up its processor seconds), "output" (the file size limit),
            "memory" (killed from outside without having used up its time), "exit" (it ended
            itself) or "signal" (a crash).
        status: the exit status; negative, the number of the signal that ended it.
    """

    def __init__(self, reason: str, status: int) -> None:
        super().__init__(f"the worker ended ({reason}, status {status})")
        self.reason = reason
        self.status = status


class MemoryDied(WorkerDied):
    """The machine ended the worker because memory ran out."""


class Worker:
    """One process in the sandbox that serves one submission; a context manager that kills it.

    Not to be used by two threads at once. Everything that it says may be a lie.

    Attributes:
        limits: what it may use.
    """

    def __init__(self, limits: Limits, descriptors: list[int]) -> None:
        self.limits = limits
        channel, self._pidfd, self._output = descriptors
        self._channel = socket.socket(fileno=channel)
        self._channel.setblocking(False)
        self._pid = _read_pid(self._pidfd)
        self._cpu_before_s = 0.0
        self._is_over_memory = False
        self._end: tuple[int, float] | None = None
        self._ended = threading.Event()
        self._closed = False
        self._letting_go = threading.Lock()
        self.on_close: Callable[[Worker], None] = Worker.end

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def call(self, message: dict[str, Any], *, wall_s: float) -> dict[str, Any]:
        """Send a message and return the reply.

        Args:
            message: plain data, as `graders.worker.handle` takes it.
            wall_s: seconds until the whole reply must be here.

        Raises:
            TimeLimit: if it is not. The worker is still running.
            WorkerDied: if the worker ended meanwhile.
            ProtocolError: if it spoke unasked, or what came is no well-formed reply.
            SandboxError: if the whole sandbox ended.
        """
        deadline = time.monotonic() + wall_s
        if _wait_for(self._channel, select.POLLIN, 0) and self._speaks():
            raise ProtocolError("the worker spoke before it was asked")
        try:
            self._send(wire.encode(message), deadline)
            frame = self._receive(deadline)
        except (ConnectionError, EOFError):
            raise self._explain_end() from None
        reply = wire.decode(frame)
        if type(reply) is not dict:
            raise ProtocolError("a reply that is no map")
        return reply

    def output(self) -> bytes:
        """Return what the worker printed so far, cut at the limit."""
        return os.pread(self._output, self.limits.output_kb * 1024, 0)

    @property
    def output_overflow(self) -> bool:
        """Whether it printed more than the limit."""
        return os.fstat(self._output).st_size > self.limits.output_kb * 1024

    def cpu_s(self) -> float:
        """Return the processor seconds used so far, as the kernel counts them."""
        total = self._end[1] if self._end else _read_cpu_clock(self._pid)
        if total is None:  # it ended just now, and the report is on its way
            self._ended.wait(_END_REPORT_S)
            total = self._end[1] if self._end else 0.0
        return max(0.0, total - self._cpu_before_s)

    def close(self) -> None:
        """Be done with the process: whoever `on_close` tells ends it."""
        with self._letting_go:
            if self._closed:
                return
            self._closed = True
        self.on_close(self)

    def end(self) -> None:
        """Kill the process, whatever it does, and let go of it. Only once."""
        with self._letting_go:
            self._closed = True
        self._kill()
        self._channel.close()
        os.close(self._pidfd)
        os.close(self._output)

    def fileno(self) -> int:
        """Return the descriptor of its socket, to wait on."""
        return self._channel.fileno()

    def greet(self) -> bool:
        """Read the sign of a worker that is locked and warm; False if it died on the way."""
        try:
            ready = self._channel.recv(1) == _READY
        except ConnectionError:
            return False
        self.start_clock()
        return ready

    def start_clock(self) -> None:
        """Count processor seconds from now on."""
        self._cpu_before_s = _read_cpu_clock(self._pid) or 0.0

    def is_alive(self) -> bool:
        """Tell whether the process still runs."""
        return not _wait_for(self._pidfd, select.POLLIN, 0)

    def note_end(self, status: int, cpu_s: float) -> None:
        """Take the zygote's report of how the process ended."""
        self._end = (status, cpu_s)
        self._ended.set()

    def note_loss(self) -> None:
        """Learn that the zygote is gone, and this process with it: nobody will report."""
        self._ended.set()

    @property
    def pid(self) -> int:
        """The number of the process here; not positive where it ended at once."""
        return self._pid

    @property
    def is_closed(self) -> bool:
        """Whether it was let go of."""
        return self._closed

    def end_for_memory(self) -> None:
        """Kill the process because it uses more memory of its device than it may.

        To be called by any thread, at any time.
        """
        with self._letting_go:
            if not self._closed:
                self._is_over_memory = True
                self._kill()

    def _kill(self) -> None:
        with contextlib.suppress(ProcessLookupError):
            signal.pidfd_send_signal(self._pidfd, signal.SIGKILL)

    def _speaks(self) -> bool:
        """Tell data from the hang-up of a dead worker, which the call itself will meet."""
        try:
            return bool(self._channel.recv(1, socket.MSG_PEEK))
        except BlockingIOError:  # readable, yet nothing to read: data out of band
            return True
        except ConnectionError:
            return False

    def _send(self, buffers: list[wire.Buffer], deadline: float) -> None:
        rest = memoryview(b"".join(buffers))
        while rest:
            _require_ready(self._channel, select.POLLOUT, deadline)
            with contextlib.suppress(BlockingIOError):
                rest = rest[self._channel.send(rest, socket.MSG_NOSIGNAL) :]

    def _receive(self, deadline: float) -> bytearray:
        """Read one frame, never more than the caps allow and never past the deadline."""
        prefix = bytearray(wire.PREFIX.size)
        self._fill(memoryview(prefix), deadline)
        frame = prefix + bytes(wire.read_prefix(prefix))
        self._fill(memoryview(frame)[len(prefix) :], deadline)
        return frame

    def _fill(self, view: memoryview, deadline: float) -> None:
        done = 0
        while done < len(view):
            _require_ready(self._channel, select.POLLIN, deadline)
            try:
                count = self._channel.recv_into(view[done:])
            except BlockingIOError:
                raise ProtocolError("data out of band, which is no reply") from None
            if count == 0:
                raise EOFError
            done += count

    def _explain_end(self) -> Exception:
        """Return why the socket closed."""
        # Whoever closes the socket without ending is ended, so that there is a report.
        hung_up = not self._ended.wait(_HANG_UP_S)
        if hung_up:
            self._kill()
            self._ended.wait(_END_REPORT_S)
        if self._end is None:
            return SandboxError("the sandbox ended in the middle of a call")
        status, _ = self._end
        reason = "exit" if hung_up else _classify(status, self.cpu_s(), self.limits)
        if self._is_over_memory:
            reason = "memory"
        return (MemoryDied if reason == "memory" else WorkerDied)(reason, status)


def _classify(status: int, cpu_s: float, limits: Limits) -> str:
    """Return the reason of an end; see WorkerDied."""
    if status == -signal.SIGKILL:  # not by us, so by the kernel
        return "cpu" if cpu_s >= limits.cpu_s - _CPU_TOLERANCE_S else "memory"
    if status == -signal.SIGXCPU:
        return "cpu"
    if status == -signal.SIGXFSZ:
        return "output"
    return "signal" if status < 0 else "exit"


def _read_pid(pidfd: int) -> int:
    """Return the number that a process has here, whatever it calls itself in its namespace."""
    lines = Path(f"/proc/self/fdinfo/{pidfd}").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("Pid:"))


def _read_cpu_clock(pid: int) -> float | None:
    """Return a process's processor seconds, None if there is no such process any more.

    Args:
        pid: its number here; not positive where the process had ended before it could be asked.
    """
    if pid <= 0:
        return None
    clock = (~pid << 3) | 2  # as clock_getcpuclockid(3) makes it
    try:
        return time.clock_gettime(clock)
    except OSError:
        return None


def _wait_for(source: socket.socket | int, event: int, timeout_s: float) -> bool:
    poll = select.poll()
    poll.register(source, event)
    return bool(poll.poll(timeout_s * 1000))


def _require_ready(source: socket.socket, event: int, deadline: float) -> None:
    left = deadline - time.monotonic()
    if left <= 0 or not _wait_for(source, event, left):
        raise TimeLimit
