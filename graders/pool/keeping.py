"""The pool itself: who waits, what is ready, and the thread that fills it up again."""

from __future__ import annotations

import contextlib
import os
import select
import threading
import time
from collections import Counter
from dataclasses import replace
from typing import Final, Self

from graders.doctor import diagnose
from graders.errors import SandboxError
from graders.jail import Level, Sandbox, SoloSandbox, open_sandbox
from graders.model import Limits
from graders.nvml import DriverError
from graders.policy import Device
from graders.pool.device_memory import DeviceWatch
from graders.pool.worker import Worker

_TAKE_TIMEOUT_S: Final = 90.0
_STILLBORN_MOST: Final = 3
_DESCRIPTORS_OF_A_WORKER: Final = 3


class Pool:
    """Workers for the asking, from any thread; a context manager that ends them all.

    Args:
        level: the walls to build; None for the best that this machine has.
        idle: how many workers wait, at least 1.
        limits: what a worker may use, unless `take` says otherwise. Those that wait have the
            limits that were last asked for.
        device: what they compute on.

    Attributes:
        level: the walls that stand.
        torch_version: of the torch that submissions see.

    Raises:
        ValueError: if none are to wait.
        SandboxError: if submissions cannot be contained here, or the sandbox does not start.
    """

    def __init__(
        self,
        *,
        level: Level | None = None,
        idle: int = 2,
        limits: Limits | None = None,
        device: Device = Device.CPU,
    ) -> None:
        if idle < 1:
            raise ValueError(f"{idle} workers cannot wait: at least 1 must")
        self.level = _find_level() if level is None else level
        self._device = device
        self._watch = DeviceWatch() if device is Device.CUDA else None
        self.torch_version = ""
        self._limits = _select_built_in(limits or Limits())
        self._favoured = self._limits
        self._idle = idle
        self._changed = threading.Condition()
        self._sandbox: Sandbox | SoloSandbox | None = None
        self._count = 0
        self._asked: dict[int, Limits] = {}
        self._starting: dict[int, Worker] = {}
        self._ready: list[Worker] = []
        self._done: list[Worker] = []
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
            limits: what it may use. Limits that nobody asked for of late cost a fork now.

        Raises:
            SandboxError: if there is none to be had.
        """
        wanted = self._limits if limits is None else _select_built_in(limits)
        with self._changed:
            self._favoured = wanted
            worker = self._pop(wanted) or self._await_worker(wanted)
            if not self._ready:
                self._wake_keeper()
        worker.start_clock()
        self._watch_device_memory(worker)
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
        if self._watch is not None:
            self._watch.close()

    def _watch_device_memory(self, worker: Worker) -> None:
        if self._watch is None:
            return
        try:
            self._watch.add(worker)
        except DriverError as error:
            worker.close()
            raise SandboxError(f"nobody may use the device unwatched: {error}") from error

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

    def _take_back(self, worker: Worker) -> None:
        """Have a worker ended and its place filled again, by the keeper.

        A process that is killed may take the killer's processor for milliseconds, to let go of
        its memory, and whoever closes a worker has a verdict to tell.
        """
        with self._changed:
            self._done.append(worker)
            if not self._closed:
                self._wake_keeper()
                return
        self._end_done()

    # From here on: the keeper's thread.

    def _keep(self) -> None:
        while not self._closed:
            try:
                self._end_done()
                self._ask_for_missing()
                self._listen()
            except (SandboxError, OSError) as error:
                self._lose_sandbox()
                self._fail(SandboxError(str(error)))
        self._end_done()
        self._lose_sandbox()

    def _end_done(self) -> None:
        with self._changed:
            done, self._done = self._done, []
        for worker in done:
            worker.end()

    def _ask_for_missing(self) -> None:
        """Ask the zygote for the workers that are waited for and for those to be kept idle."""
        missing = self._list_missing()
        self._drop_surplus()
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
            wanted = self._waiting + Counter({self._favoured: self._idle})
            return list((wanted - Counter([*there, *self._asked.values()])).elements())

    def _drop_surplus(self) -> None:
        """Let go of the oldest workers whose limits nobody asks for any more."""
        with self._changed:
            kept = {self._favoured, *(+self._waiting)}
            others = [worker for worker in self._ready if worker.limits not in kept]
            surplus = others[: max(0, len(others) - self._idle)]
            for worker in surplus:
                self._ready.remove(worker)
        for worker in surplus:
            worker.close()

    def _start(self) -> None:
        sandbox = open_sandbox(self.level, self._device)
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

    def _hear(self, sandbox: Sandbox | SoloSandbox) -> None:
        """Take one message of the zygote."""
        message, descriptors = sandbox.receive()
        if not message:
            self._lose_sandbox()
            self._note_stillbirth("the sandbox ended")
        elif "spawned" in message:
            number = message["spawned"]
            if len(descriptors) != _DESCRIPTORS_OF_A_WORKER:
                raise SandboxError("too many files are open here to hold another worker")
            worker = Worker(self._asked.pop(number), descriptors)
            worker.on_close = self._take_back
            self._starting[number] = self._alive[number] = worker
        elif "stillborn" in message:
            del self._asked[message["stillborn"]]
            self._note_stillbirth(message["words"])
        elif "ended" in message:
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
        last_words = worker.output().decode(errors="replace")
        worker.close()
        self._note_stillbirth(last_words)

    def _note_stillbirth(self, last_words: str) -> None:
        """Give up after a few workers or sandboxes that died before one was ready."""
        self._stillborn += 1
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
            worker.end()
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
