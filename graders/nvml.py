"""NVIDIA's management library, as far as it is needed: devices, and who uses their memory.

Asking it starts no CUDA: it can be used in a process that forks. Names and structures are those of
`nvml.h`.
"""

from __future__ import annotations

import contextlib
import ctypes
from collections.abc import Iterator
from typing import Any, Final

_LIBRARY: Final = "libnvidia-ml.so.1"
_NOT_AVAILABLE: Final = 2**64 - 1
_TEXT_BYTES: Final = 96
_MOST_PROCESSES: Final = 1024


class DriverError(Exception):
    """The NVIDIA driver does not answer, or not that question."""


class _Memory(ctypes.Structure):
    """`nvmlMemory_t`, in bytes."""

    _fields_ = (
        ("total", ctypes.c_ulonglong),
        ("free", ctypes.c_ulonglong),
        ("used", ctypes.c_ulonglong),
    )


class _Process(ctypes.Structure):
    """`nvmlProcessInfo_t`, memory in bytes."""

    _fields_ = (
        ("pid", ctypes.c_uint),
        ("used", ctypes.c_ulonglong),
        ("gpu_instance", ctypes.c_uint),
        ("compute_instance", ctypes.c_uint),
    )


class Driver:
    """The library, initialised; see `open_driver`.

    Args:
        library: the loaded library.
    """

    def __init__(self, library: Any) -> None:  # noqa: ANN401 - ctypes knows its functions late
        self._library = library

    def count_devices(self) -> int:
        """Return how many devices there are.

        Raises:
            DriverError: if the driver does not say.
        """
        count = ctypes.c_uint()
        self._call("nvmlDeviceGetCount_v2", ctypes.byref(count))
        return count.value

    def read_version(self) -> str:
        """Return the driver's version."""
        return self._read_text("nvmlSystemGetDriverVersion")

    def read_name(self, device: int) -> str:
        """Return the product name of a device, counted from 0."""
        return self._read_text("nvmlDeviceGetName", self._find(device))

    def read_used_bytes(self, device: int) -> int:
        """Return the memory of a device that is in use, by whomever."""
        memory = _Memory()
        self._call("nvmlDeviceGetMemoryInfo", self._find(device), ctypes.byref(memory))
        return int(memory.used)

    def read_used_bytes_by_pid(self, device: int) -> dict[int, int]:
        """Return the memory of a device that each process uses.

        Numbers of processes are the machine's own, which in a container are not those seen
        there. A process whose use the driver does not tell (under WSL, say) is left out.
        """
        processes = (_Process * _MOST_PROCESSES)()
        count = ctypes.c_uint(_MOST_PROCESSES)
        self._call(
            "nvmlDeviceGetComputeRunningProcesses_v3",
            self._find(device),
            ctypes.byref(count),
            processes,
        )
        seen = processes[: count.value]
        return {entry.pid: entry.used for entry in seen if entry.used != _NOT_AVAILABLE}

    def _find(self, device: int) -> ctypes.c_void_p:
        handle = ctypes.c_void_p()
        self._call("nvmlDeviceGetHandleByIndex_v2", ctypes.c_uint(device), ctypes.byref(handle))
        return handle

    def _read_text(self, name: str, *arguments: object) -> str:
        text = ctypes.create_string_buffer(_TEXT_BYTES)
        self._call(name, *arguments, text, ctypes.c_uint(_TEXT_BYTES))
        return text.value.decode(errors="replace")

    def _call(self, name: str, *arguments: object) -> None:
        try:
            status = getattr(self._library, name)(*arguments)
        except AttributeError as error:
            raise DriverError(f"the NVIDIA driver is too old: it has no {name}") from error
        if status != 0:
            raise DriverError(f"the NVIDIA driver answers {name} with error {status}")


@contextlib.contextmanager
def open_driver() -> Iterator[Driver]:
    """Load the library and let go of it at the end.

    Raises:
        DriverError: if there is none, or the driver does not answer.
    """
    try:
        library = ctypes.CDLL(_LIBRARY)
    except OSError as error:
        raise DriverError(f"{_LIBRARY} cannot be loaded: {error}") from error
    driver = Driver(library)
    driver._call("nvmlInit_v2")  # noqa: SLF001 - this module's own
    try:
        yield driver
    finally:
        library.nvmlShutdown()
