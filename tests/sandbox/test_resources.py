"""Attacks by use: time, memory, output, and ways to end."""

# ruff: noqa: BLE001, PTH123, S110, SIM105, T201
# Attacks go on whatever happens.

from __future__ import annotations

import platform
import signal
import time

import pytest

from graders.errors import ProtocolError
from graders.model import Limits
from graders.pool import TimeLimit, WorkerDied

pytestmark = pytest.mark.usefixtures("leaves_nothing")

OUTPUT_BYTES = 64 * 1024


def loop_in_python(_):
    while True:
        pass


def loop_in_c(_):
    return 7**10**9


def sleep(_):
    import time

    time.sleep(1000)


def ignore_signals_and_loop(_):
    import signal

    for number in range(1, 65):
        try:
            signal.signal(number, signal.SIG_IGN)
        except (OSError, ValueError):
            pass
    while True:
        try:
            while True:
                pass
        except BaseException:
            pass


def loop_in_torch(_):
    import torch

    x = torch.ones(300, 300)
    while True:
        x = x @ x * 0


def drip(_):
    import os
    import time

    while True:
        os.write(3, b"Q")
        time.sleep(0.02)


def drip_a_valid_frame(_):
    """Send a reply that is right and large, one byte at a time."""
    import os
    import time

    from graders import wire

    for byte in b"".join(wire.encode({"ok": "x" * 100_000})):
        os.write(3, bytes([byte]))
        time.sleep(0.02)


def stop_oneself(_):
    import signal

    for number in (signal.SIGSTOP, signal.SIGTSTP, signal.SIGTTIN):
        try:
            signal.raise_signal(number)
        except OSError:
            pass
    while True:
        signal.pause()


def be_interrupted_all_the_time(_):
    import signal

    signal.signal(signal.SIGALRM, lambda *_: None)
    signal.setitimer(signal.ITIMER_REAL, 0.0001, 0.0001)
    while True:
        pass


def collect_forever(_):
    class Undying:
        def __del__(self):
            Undying()

    Undying()


def match_a_bad_pattern(_):
    import re

    return re.match(r"(a+)+$", "a" * 60 + "b")


def wait_in_a_thread(_):
    import threading

    threading.Thread(target=lambda: 7**10**9).start()
    threading.Event().wait()


@pytest.mark.parametrize("attack", [ignore_signals_and_loop, drip_a_valid_frame, stop_oneself])
def test_time_ends_at_the_deadline_at_every_level(pool, ask, attack):
    require_end_at_deadline(pool, ask, attack)


@pytest.mark.parametrize(
    "attack",
    [
        loop_in_python,
        loop_in_c,
        sleep,
        loop_in_torch,
        wait_in_a_thread,
        drip,
        be_interrupted_all_the_time,
        collect_forever,
        match_a_bad_pattern,
    ],
)
def test_time_ends_at_the_deadline(best_pool, ask, attack):
    # The deadline is kept from outside by a signal that nothing can catch, whatever the level.
    require_end_at_deadline(best_pool, ask, attack)


def require_end_at_deadline(pool, ask, attack):
    with pool.take() as worker:
        start = time.monotonic()
        with pytest.raises((TimeLimit, ProtocolError) if attack is drip else TimeLimit):
            ask(worker, attack, wall_s=0.4)
        assert time.monotonic() - start < 1.5
    assert time.monotonic() - start < 2.0


def test_processor_time_ends_at_its_limit_although_time_is_left(best_pool, ask):
    with best_pool.take(Limits(cpu_s=1, memory_mb=256)) as worker:
        with pytest.raises(WorkerDied) as death:
            ask(worker, ignore_signals_and_loop, wall_s=20)
        assert death.value.reason == "cpu"
        assert 0.5 < worker.cpu_s() < 1.5


def lie_about_time(_):
    import time

    import torch

    end = time.perf_counter() + 0.3
    while time.perf_counter() < end:
        torch.ones(100, 100) @ torch.ones(100, 100)
    time.perf_counter = time.process_time = time.time = lambda: 0.0
    return time.process_time()


def test_processor_time_is_counted_outside(best_pool, ask):
    with best_pool.take() as worker:
        assert worker.cpu_s() < 0.1
        assert ask(worker, lie_about_time) == {"ok": 0.0}
        assert worker.cpu_s() > 0.03  # the machine may be busy


def take_a_terabyte(_):
    import torch

    return torch.empty(10**12, dtype=torch.uint8).sum()


def take_blocks_of_tensors(_):
    import torch

    return len([torch.ones(4 << 20) for _ in range(1000)])


def grow_a_list(_):
    grown = []
    while True:
        grown.append(bytearray(1 << 20))


def share_memory(_):
    import mmap

    maps = []
    for _ in range(1000):
        block = mmap.mmap(-1, 16 << 20)
        block.write(b"x" * (16 << 20))
        maps.append(block)


def share_memory_by_device(_):
    import mmap

    maps = []
    with open("/dev/zero", "r+b") as zero:
        for _ in range(1000):
            block = mmap.mmap(zero.fileno(), 16 << 20)
            block.write(b"x" * (16 << 20))
            maps.append(block)


def grow_the_stack(_):
    """Take stacks of threads instead of the heap."""
    import threading

    threading.stack_size(1 << 30)
    threads = [threading.Thread(target=threading.Event().wait, daemon=True) for _ in range(28)]
    for thread in threads:
        thread.start()


def allocate_in_c(_):
    import ctypes

    libc = ctypes.CDLL(None)
    libc.malloc.restype = ctypes.c_void_p
    size = 8 << 20
    while block := libc.malloc(size):
        ctypes.memset(block, 1, size)
    raise MemoryError("malloc returned nothing")


def map_huge(_):
    import mmap

    return len(mmap.mmap(-1, 1 << 40))


@pytest.mark.parametrize(
    "attack",
    [
        take_a_terabyte,
        take_blocks_of_tensors,
        grow_a_list,
        share_memory,
        share_memory_by_device,
        grow_the_stack,
        allocate_in_c,
        map_huge,
    ],
)
def test_memory_ends_at_its_limit(pool, ask, attack):
    with pool.take() as worker:
        error = ask(worker, attack, wall_s=20)["error"]
        assert error["type"] in {"MemoryError", "RuntimeError", "OSError"}
        refused_elsewhere = error["type"] == "OSError" or attack is grow_the_stack
        assert refused_elsewhere or error["kind"] == "memory", error


@pytest.mark.skipif(platform.machine() != "x86_64", reason="the numbers are those of x86-64")
def test_memory_that_no_limit_counts_is_small(pool, ask):
    """Memory that belongs to no process's address space: files in memory, pipes, sockets."""
    with pool.take() as worker:
        assert ask(worker, take_uncounted_memory)["ok"] < 32 << 20


def take_uncounted_memory(_):
    """Return how many bytes could be put where neither the data nor the address limit looks."""
    import contextlib
    import ctypes
    import os
    import socket

    libc = ctypes.CDLL(None, use_errno=True)
    block = bytes(1 << 16)

    def fill(descriptor):
        done = 0
        with contextlib.suppress(OSError):
            os.set_blocking(descriptor, False)
            while done < 1 << 30:
                done += os.write(descriptor, block)
        return done

    taken = fill(1)
    for number, arguments in ((319, (b"x", 0)), (447, (0,)), (29, (0, 1 << 30, 0o1600))):
        made = libc.syscall(number, *arguments)
        taken += (1 << 30) if made >= 0 else 0
    for folder in ("/dev/shm", "/w/box", "/tmp"):
        with contextlib.suppress(OSError):
            for number in range(40):
                taken += fill(os.open(f"{folder}/{number}", os.O_CREAT | os.O_WRONLY))
    with contextlib.suppress(OSError):
        while True:
            _, end = os.pipe()
            taken += fill(end)
    for descriptor in range(4, 64):
        with contextlib.suppress(OSError):
            os.close(descriptor)
    kept = []
    with contextlib.suppress(OSError):
        while True:
            kept.append(socket.socketpair())
            taken += fill(kept[-1][0].fileno())
    return taken


def nest_deeply(_):
    import sys

    sys.setrecursionlimit(10**9)

    def go(n):
        return [go(n + 1)]

    return go(0)


def test_deep_recursion_is_a_crash_or_an_error(best_pool, ask):
    with best_pool.take(Limits(cpu_s=2, memory_mb=128)) as worker:
        try:
            assert ask(worker, nest_deeply, wall_s=20)["error"]["type"]
        except WorkerDied as death:
            assert death.reason in {"signal", "cpu"}  # noqa: PT017 - one of two right outcomes


def print_forever(_):
    while True:
        print("x" * 1000)


def print_stubbornly(_):
    import os

    line = b"y" * 4096
    for _ in range(10_000):
        for number in (1, 2):
            try:
                os.write(number, line)
            except OSError:
                pass
    return "done"


def print_with_the_signal(_):
    import os
    import signal

    signal.signal(signal.SIGXFSZ, signal.SIG_DFL)
    while True:
        os.write(1, b"z" * 4096)


def hide_the_overflow(_):
    import os

    try:
        while True:
            os.write(1, b"x" * 4096)
    except OSError:
        pass
    os.ftruncate(1, 100_000)
    os.lseek(1, 0, 0)


def print_a_little(_):
    import sys

    print("to stdout")
    sys.stderr.write("to stderr\n")


@pytest.mark.parametrize("attack", [print_forever, print_stubbornly, hide_the_overflow])
def test_output_is_cut_and_marked(pool, ask, attack):
    with pool.take() as worker:
        reply = ask(worker, attack)
        assert "ok" in reply or reply["error"]["type"] == "OSError"
        assert worker.output_overflow
        assert len(worker.output()) == OUTPUT_BYTES


def test_the_file_size_signal_is_told_as_output(pool, ask):
    with pool.take() as worker:
        try:
            ask(worker, print_with_the_signal)
        except WorkerDied as death:
            assert death.reason == "output"  # noqa: PT017 - the next line excludes no exception
        # The first process of a pid namespace ignores the signal and gets the error instead.
        assert worker.output_overflow


def test_output_of_both_streams_arrives_in_order(pool, ask):
    with pool.take() as worker:
        assert ask(worker, print_a_little) == {"ok": None}
        assert worker.output() == b"to stdout\nto stderr\n"
        assert not worker.output_overflow


def print_then_loop(_):
    print("before the loop")
    while True:
        pass


def test_what_was_printed_before_a_time_limit_arrives(best_pool, ask):
    with best_pool.take() as worker:
        with pytest.raises(TimeLimit):
            ask(worker, print_then_loop, wall_s=0.3)
        assert worker.output() == b"before the loop\n"


def exit_at_once(_):
    import os

    os._exit(0)


def segfault(_):
    import ctypes

    ctypes.string_at(0)


def abort(_):
    import os

    os.abort()


def close_everything(_):
    import os
    import time

    os.closerange(0, 100)
    time.sleep(100)


@pytest.mark.parametrize(
    ("attack", "reasons"),
    [
        (exit_at_once, {"exit"}),
        (segfault, {"signal"}),
        (abort, {"signal"}),
        (close_everything, {"exit"}),
    ],
)
def test_an_end_is_told_with_its_reason(pool, ask, attack, reasons):
    with pool.take() as worker:
        with pytest.raises(WorkerDied) as death:
            ask(worker, attack)
        assert death.value.reason in reasons
        if attack is exit_at_once:
            assert death.value.status == 0
        if attack is segfault:
            assert death.value.status == -signal.SIGSEGV


def raise_exit(_):
    raise SystemExit(0)


def interrupt(_):
    raise KeyboardInterrupt


@pytest.mark.parametrize("attack", [raise_exit, interrupt])
def test_an_exit_of_python_is_an_error_and_the_worker_goes_on(pool, ask, attack):
    with pool.take() as worker:
        assert "error" in ask(worker, attack)
        assert ask(worker, print_a_little) == {"ok": None}


def patch_everything(_):
    import builtins
    import sys

    import torch

    torch.equal = torch.allclose = lambda *_, **__: True
    torch.Tensor.__eq__ = lambda *_: True
    torch.tensor = lambda *_, **__: "fake"
    builtins.len = lambda _: 0
    sys.modules["graders.wire"].encode = lambda _: [b"forged"]
    sys.modules["graders.worker"].handle = lambda *_: {"ok": "forged"}
    sys.stdout = None
    return 1


def test_patches_do_not_outlive_the_submission(pool, ask):
    with pool.take() as worker, pytest.raises(ProtocolError):
        ask(worker, patch_everything, wall_s=1.0)
