"""Who uses too much of a device's memory, and how the driver is asked."""

# ruff: noqa: N802 - the functions of the driver are called so

from __future__ import annotations

import ctypes
from types import SimpleNamespace

import pytest

from graders import nvml
from graders.jail import cuda
from graders.model import Limits
from graders.pool.device_memory import _Watched, find_greedy

MB = 1 << 20
CONTEXT = 400 * MB


class Worker:
    """What the watch sees of a worker that may use 100 MB."""

    def __init__(self, pid):
        self.pid = pid
        self.limits = Limits(memory_mb=100)


def watch(pid, *, own=CONTEXT, device=CONTEXT):
    return _Watched(Worker(pid), own, device)


def test_growth_beyond_the_limit_is_greedy_whoever_else_uses_the_device():
    modest, greedy = watch(1), watch(2)
    by_pid = {1: CONTEXT + 99 * MB, 2: CONTEXT + 101 * MB, 3: 9000 * MB}
    assert find_greedy([modest, greedy], by_pid, 9999 * MB) == [greedy.worker]


def test_the_context_of_a_worker_is_not_its_doing():
    assert find_greedy([watch(1)], {1: CONTEXT}, CONTEXT) == []


def test_a_process_that_is_gone_uses_nothing():
    assert find_greedy([watch(1)], {}, 0) == []


def test_where_the_driver_knows_no_process_the_last_one_answers_for_the_device():
    first, last = watch(1, own=None), watch(2, own=None, device=2 * CONTEXT)
    assert find_greedy([first, last], {77: CONTEXT}, 2 * CONTEXT + 99 * MB) == []
    assert find_greedy([first, last], {77: CONTEXT}, 2 * CONTEXT + 101 * MB) == [last.worker]


class Library:
    """A driver's library with two processes on its only device."""

    def __init__(self, status=0):
        self.status = status
        self.is_open = False

    def nvmlInit_v2(self):
        self.is_open = self.status == 0
        return self.status

    def nvmlShutdown(self):
        self.is_open = False
        return 0

    def nvmlDeviceGetCount_v2(self, count):
        count._obj.value = 1
        return 0

    def nvmlDeviceGetHandleByIndex_v2(self, index, handle):
        handle._obj.value = 1000 + index.value
        return 0

    def nvmlDeviceGetName(self, handle, text, size):
        assert (handle.value, size.value) == (1000, 96)
        text.value = b"Device of a test"
        return 0

    def nvmlSystemGetDriverVersion(self, text, _size):
        text.value = b"570.1"
        return 0

    def nvmlDeviceGetMemoryInfo(self, _handle, memory):
        memory._obj.used = 3 * CONTEXT
        return 0

    def nvmlDeviceGetComputeRunningProcesses_v3(self, _handle, count, processes):
        assert count._obj.value == len(processes)
        for entry, (pid, used) in zip(processes, [(7, CONTEXT), (8, 2**64 - 1)], strict=False):
            entry.pid, entry.used = pid, used
        count._obj.value = 2
        return 0


@pytest.fixture
def driver(monkeypatch):
    library = Library()
    monkeypatch.setattr(ctypes, "CDLL", lambda _: library)
    return library


def test_the_driver_is_asked_and_let_go_of(driver):
    with nvml.open_driver() as opened:
        assert driver.is_open
        assert opened.count_devices() == 1
        assert opened.read_name(0) == "Device of a test"
        assert opened.read_version() == "570.1"
        assert opened.read_used_bytes(0) == 3 * CONTEXT
    assert not driver.is_open


@pytest.mark.usefixtures("driver")
def test_processes_of_unknown_use_are_left_out():
    with nvml.open_driver() as opened:
        assert opened.read_used_bytes_by_pid(0) == {7: CONTEXT}


def test_a_driver_that_fails_or_is_too_old_says_so(driver, monkeypatch):
    driver.status = 9
    with pytest.raises(nvml.DriverError, match="nvmlInit_v2 with error 9"), nvml.open_driver():
        pass
    monkeypatch.setattr(ctypes, "CDLL", lambda _: SimpleNamespace())
    with pytest.raises(nvml.DriverError, match="too old"), nvml.open_driver():
        pass


def refuse(name):
    raise OSError(f"{name}: cannot open shared object file")


def test_what_keeps_a_device_from_use_is_named(driver, monkeypatch, tmp_path):
    monkeypatch.setattr(cuda, "_CONTROL", tmp_path / "nvidiactl")
    assert "nvidiactl" in cuda.find_obstacle()
    (tmp_path / "nvidiactl").touch()
    monkeypatch.setattr(cuda.importlib.metadata, "version", lambda _: "2.13.0+cpu")
    assert "2.13.0+cpu was built without CUDA" in cuda.find_obstacle()
    monkeypatch.setattr(cuda.importlib.metadata, "version", lambda _: "2.13.0")
    monkeypatch.setattr(cuda, "_LIBRARY_FOLDERS", ())
    monkeypatch.delenv("LD_LIBRARY_PATH", raising=False)
    assert "libcuda.so.1 is not found" in cuda.find_obstacle()
    monkeypatch.setenv("LD_LIBRARY_PATH", str(tmp_path))
    (tmp_path / "libcuda.so.1").touch()
    assert cuda.find_obstacle() == ""
    assert cuda.describe() == "Device of a test, driver 570.1"
    assert cuda.list_environment()["LD_LIBRARY_PATH"] == str(tmp_path)
    driver.nvmlDeviceGetCount_v2 = lambda _: 0
    assert cuda.find_obstacle() == "the NVIDIA driver finds no device"
    monkeypatch.setattr(ctypes, "CDLL", refuse)
    assert "cannot be loaded" in cuda.find_obstacle()
