"""A pool of one-shot workers that wait in the sandbox, locked and warm.

A submission takes a worker, talks to it and throws it away; the next one gets another process. A
job thus needs no fork, no namespace and no import while somebody waits. A thread of the pool's
own keeps it filled: it starts the sandbox (which dies with the thread that started it) and a new
one whenever that has died.
"""

from __future__ import annotations

import contextlib
import os
import select
import signal
import socket
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any, Final, Self

from graders import wire
from graders.doctor import diagnose
from graders.errors import ProtocolError, SandboxError
from graders.jail import Level, Sandbox
from graders.model import Limits

_HANG_UP_S: Final = 0.5  # a dead process is reported much sooner
_END_REPORT_S: Final = 5.0
_CPU_TOLERANCE_S: Final = 0.1
_STILLBORN_MOST: Final = 3
_TAKE_TIMEOUT_S: Final = 90.0
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
        self._end: tuple[int, float] | None = None
        self._ended = threading.Event()
        self._closed = False
        self.on_close: Callable[[], None] = _do_nothing

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
        """Kill the process, whatever it does, and let go of it."""
        if self._closed:
            return
        self._closed = True
        self._kill()
        self._channel.close()
        os.close(self._pidfd)
        os.close(self._output)
        self.on_close()

    def fileno(self) -> int:
        """Return the descriptor of its socket, to wait on."""
        return self._channel.fileno()

    def greet(self) -> bool:
        """Read the sign of a worker that is locked and warm; False if it died on the way."""
        try:
            ready = self._channel.recv(1) == _READY
        except ConnectionError:
            return False
        self._cpu_before_s = _read_cpu_clock(self._pid) or 0.0
        return ready

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

    def _kill(self) -> None:
        with contextlib.suppress(ProcessLookupError):
            signal.pidfd_send_signal(self._pidfd, signal.SIGKILL)

    def _speaks(self) -> bool:
        """Tell data from the hang-up of a dead worker, which the call itself will meet."""
        try:
            return bool(self._channel.recv(1, socket.MSG_PEEK))
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
            count = self._channel.recv_into(view[done:])
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
        status, cpu_s = self._end
        reason = "exit" if hung_up else _classify(status, cpu_s, self.limits)
        return (MemoryDied if reason == "memory" else WorkerDied)(reason, status)


class Pool:
    """Workers for the asking, from any thread; a context manager that ends them all.

    Args:
        level: the walls to build; None for the best that this machine has.
        idle: how many workers wait.
        limits: what a worker may use, unless `take` says otherwise.

    Attributes:
        level: the walls that stand.
        torch_version: of the torch that submissions see.

    Raises:
        SandboxError: if submissions cannot be contained here, or the sandbox does not start.
    """

    def __init__(
        self,
        *,
        level: Level | None = None,
        idle: int = 2,
        limits: Limits | None = None,
    ) -> None:
        self.level = _find_level() if level is None else level
        self.torch_version = ""
        self._limits = _select_built_in(limits or Limits())
        self._idle = idle
        self._changed = threading.Condition()
        self._sandbox: Sandbox | None = None
        self._count = 0
        self._asked: dict[int, Limits] = {}
        self._starting: dict[int, Worker] = {}
        self._ready: list[Worker] = []
        self._alive: dict[int, Worker] = {}
        self._waiting: Counter[Limits] = Counter()
        self._stillborn = 0
        self._failures: list[SandboxError] = []
        self._paused = False
        self._closed = False
        self._wake = os.eventfd(0, os.EFD_CLOEXEC | os.EFD_NONBLOCK)
        self._keeper = threading.Thread(target=self._keep, name="graders-pool", daemon=True)
        self._keeper.start()
        self._await_start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def take(self, limits: Limits | None = None) -> Worker:
        """Return a worker that has served nobody yet.

        Args:
            limits: what it may use. Other limits than the pool's own cost a fork now.

        Raises:
            SandboxError: if there is none to be had.
        """
        wanted = self._limits if limits is None else _select_built_in(limits)
        with self._changed:
            worker = self._pop(wanted) or self._await_worker(wanted)
            if not self._ready:
                self._wake_keeper()
            return worker

    def close(self) -> None:
        """End every worker and the sandbox."""
        with self._changed:
            if self._closed:
                return
            self._closed = True
            self._changed.notify_all()
            self._wake_keeper()
        self._keeper.join()
        os.close(self._wake)

    def _await_start(self) -> None:
        with self._changed:
            self._changed.wait_for(lambda: self._sandbox is not None or self._failures)
        if self._failures:
            self.close()
            raise self._failures[-1]

    def _pop(self, wanted: Limits) -> Worker | None:
        if self._closed:
            raise SandboxError("the pool is closed")
        for worker in [worker for worker in self._ready if worker.limits == wanted]:
            self._ready.remove(worker)
            if worker.is_alive():
                return worker
            worker.close()
        return None

    def _await_worker(self, wanted: Limits) -> Worker:
        """Ask the keeper for a worker and wait for it. The lock is held by the caller."""
        known = len(self._failures)
        deadline = time.monotonic() + _TAKE_TIMEOUT_S
        self._waiting[wanted] += 1
        self._paused = False
        self._wake_keeper()
        try:
            while (worker := self._pop(wanted)) is None:
                if len(self._failures) > known:
                    raise self._failures[-1]
                if not self._changed.wait(deadline - time.monotonic()):
                    raise SandboxError("no worker became ready in time")
        finally:
            self._waiting[wanted] -= 1
        return worker

    def _wake_keeper(self) -> None:
        os.eventfd_write(self._wake, 1)

    def _note_close(self) -> None:
        """Have a worker's place filled again."""
        with self._changed:
            if not self._closed:
                self._wake_keeper()

    # From here on: the keeper's thread.

    def _keep(self) -> None:
        while not self._closed:
            try:
                self._ask_for_missing()
            except SandboxError as error:
                self._fail(error)
            self._listen()
        self._lose_sandbox()

    def _ask_for_missing(self) -> None:
        """Ask the zygote for the workers that are waited for and for those to be kept idle."""
        missing = self._list_missing()
        if not missing:
            return
        if self._sandbox is None:
            self._start()
        for limits in missing:
            self._count += 1
            self._asked[self._count] = limits
            with contextlib.suppress(OSError):  # gone: the next read of its socket tells
                self._sandbox.ask(self._count, limits)  # type: ignore[union-attr]  # started above

    def _list_missing(self) -> list[Limits]:
        with self._changed:
            if self._paused:
                return []
            there = [worker.limits for worker in [*self._ready, *self._starting.values()]]
            wanted = self._waiting + Counter({self._limits: self._idle})
            return list((wanted - Counter([*there, *self._asked.values()])).elements())

    def _start(self) -> None:
        sandbox = Sandbox(self.level)
        with self._changed:
            self._sandbox = sandbox
            self.torch_version = sandbox.torch_version
            self._changed.notify_all()

    def _listen(self) -> None:
        """Wait for something to happen and see to it."""
        poll = select.poll()
        sources = [self._wake, *(worker.fileno() for worker in self._starting.values())]
        if self._sandbox is not None:
            sources.append(self._sandbox.fileno())
        for descriptor in sources:
            poll.register(descriptor, select.POLLIN)
        ready = {descriptor for descriptor, _ in poll.poll()}
        if self._wake in ready:
            os.eventfd_read(self._wake)
        if self._sandbox is not None and self._sandbox.fileno() in ready:
            self._hear(self._sandbox)
        for number, worker in list(self._starting.items()):
            if worker.fileno() in ready:
                self._admit(number, worker)

    def _hear(self, sandbox: Sandbox) -> None:
        """Take one message of the zygote."""
        message, descriptors = sandbox.receive()
        if not message:
            self._lose_sandbox()
        elif "spawned" in message:
            number = message["spawned"]
            worker = Worker(self._asked.pop(number), descriptors)
            worker.on_close = self._note_close
            self._starting[number] = self._alive[number] = worker
        else:
            self._alive.pop(message["ended"]).note_end(message["status"], message["cpu_s"])

    def _admit(self, number: int, worker: Worker) -> None:
        """Put a worker that said it is ready on the shelf, or bury it."""
        del self._starting[number]
        if not worker.greet():
            self._bury(worker)
            return
        self._stillborn = 0
        with self._changed:
            self._ready.append(worker)
            self._changed.notify_all()

    def _bury(self, worker: Worker) -> None:
        self._stillborn += 1
        last_words = worker.output().decode(errors="replace")
        worker.close()
        if self._stillborn >= _STILLBORN_MOST:
            self._fail(SandboxError(f"workers die before they are ready: {last_words}"))

    def _fail(self, error: SandboxError) -> None:
        """Tell whoever waits, and try no more until somebody asks again."""
        with self._changed:
            self._failures.append(error)
            self._stillborn = 0
            self._paused = True
            self._changed.notify_all()

    def _lose_sandbox(self) -> None:
        """Forget a sandbox that has ended, or end it."""
        with self._changed:
            sandbox, self._sandbox = self._sandbox, None
            unused = [*self._ready, *self._starting.values()]
            lost = list(self._alive.values())
            for collection in (self._ready, self._starting, self._alive, self._asked):
                collection.clear()
        for worker in unused:
            worker.on_close = _do_nothing
            worker.close()
        if sandbox is not None:
            sandbox.close()
        for worker in lost:
            worker.note_loss()


def _find_level() -> Level:
    diagnosis = diagnose()
    if diagnosis.level is Level.NONE:
        remedies = " ".join(diagnosis.remedies)
        raise SandboxError(f"submissions cannot be contained on this machine. {remedies}")
    return diagnosis.level


def _select_built_in(limits: Limits) -> Limits:
    """Return the limits without the one that is kept outside the worker."""
    return replace(limits, wall_s=0.0)


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
    """Return a process's processor seconds, None if there is no such process any more."""
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


def _do_nothing() -> None:
    """Stand for nobody who wants to know."""
