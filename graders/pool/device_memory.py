"""Watches the device memory of workers from outside, and ends those that use too much.

What torch offers for this is advice that a submission can take back. The driver is asked instead:
for the memory of each process, or, where it does not know those by our numbers (in a container),
for that of the whole device, whose growth is then laid to the worker that was taken last.
"""

from __future__ import annotations

import logging
import threading
from dataclasses import dataclass
from typing import Final

from graders import nvml
from graders.pool.worker import Worker

_PERIOD_S: Final = 0.05
_MIB: Final = 1 << 20
_DEVICE: Final = 0

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Watched:
    """A worker and what was in use when it was taken: its own context, or the whole device."""

    worker: Worker
    own_bytes: int | None
    device_bytes: int


class DeviceWatch:
    """Looks at the memory of one device for as long as there are workers to watch."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._watched: list[_Watched] = []
        self._closed = threading.Event()
        self._arrival = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="graders-device", daemon=True)
        self._thread.start()

    def add(self, worker: Worker) -> None:
        """Watch a worker from now on, until it is closed.

        Raises:
            DriverError: if the driver does not answer; nobody may use the device unwatched.
        """
        with nvml.open_driver() as driver:
            own = driver.read_used_bytes_by_pid(_DEVICE).get(worker.pid)
            watched = _Watched(worker, own, driver.read_used_bytes(_DEVICE))
        with self._lock:
            self._watched.append(watched)
        self._arrival.set()

    def close(self) -> None:
        """Stop watching."""
        self._closed.set()
        self._arrival.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._closed.is_set():
            self._arrival.wait()
            self._arrival.clear()
            try:
                self._look_while_needed()
            except nvml.DriverError:
                _log.exception("the device's memory cannot be watched any more")
                self._end_all()

    def _look_while_needed(self) -> None:
        with nvml.open_driver() as driver:
            while self._list_open() and not self._closed.wait(_PERIOD_S):
                by_pid = driver.read_used_bytes_by_pid(_DEVICE)
                for worker in find_greedy(
                    self._list_open(), by_pid, driver.read_used_bytes(_DEVICE)
                ):
                    worker.end_for_memory()

    def _list_open(self) -> list[_Watched]:
        with self._lock:
            self._watched = [each for each in self._watched if not each.worker.is_closed]
            return list(self._watched)

    def _end_all(self) -> None:
        for watched in self._list_open():
            watched.worker.end_for_memory()


def find_greedy(watched: list[_Watched], by_pid: dict[int, int], device_bytes: int) -> list[Worker]:
    """Return the workers that use more than their limit, oldest first.

    Args:
        watched: in the order in which they were taken.
        by_pid: bytes in use now, as far as the driver tells them by our numbers.
        device_bytes: in use now on the whole device.
    """
    greedy = [each.worker for each in watched if _read_growth(each, by_pid) > _limit(each)]
    unknown = [each for each in watched if each.own_bytes is None]
    if unknown and device_bytes - unknown[-1].device_bytes > _limit(unknown[-1]):
        greedy.append(unknown[-1].worker)
    return greedy


def _read_growth(watched: _Watched, by_pid: dict[int, int]) -> int:
    if watched.own_bytes is None:
        return 0
    return by_pid.get(watched.worker.pid, watched.own_bytes) - watched.own_bytes


def _limit(watched: _Watched) -> int:
    return watched.worker.limits.memory_mb * _MIB
