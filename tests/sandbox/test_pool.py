"""The pool: fast when warm, safe in threads, whole again after a death, and leaving nothing."""

from __future__ import annotations

import contextlib
import os
import signal
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from graders.errors import SandboxError
from graders.jail import command
from graders.model import Limits
from graders.policy import SUBMISSION_UID, Level
from graders.pool import Pool, WorkerDied
from tests.sandbox import traces


def add(numbers):
    import torch

    return torch.tensor(numbers).sum()


def count_descriptors():
    return len(os.listdir("/proc/self/fd"))  # noqa: PTH208 - iterdir would open one of them itself


def list_descendants(pid):
    """Return the ids of all processes below one."""
    parents = {}
    for path in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            parents[int(path.parent.name)] = int(path.read_text().rpartition(")")[2].split()[1])
    found, todo = set(), [pid]
    while todo:
        parent = todo.pop()
        below = {child for child, its_parent in parents.items() if its_parent == parent}
        found |= below
        todo += below
    return found


def wait_until(condition, timeout_s=10.0):
    end = time.monotonic() + timeout_s
    while not condition() and time.monotonic() < end:
        time.sleep(0.02)
    assert condition()


def settle(pool):
    """Wait until the pool has its idle workers again."""
    wait_until(
        lambda: (
            not pool._list_missing()
            and not pool._asked
            and not pool._starting
            and len(pool._alive) == len(pool._ready)
        )
    )


def test_a_waiting_worker_is_taken_at_once(best_pool):
    settle(best_pool)
    start = time.perf_counter()
    worker = best_pool.take()
    taken_s = time.perf_counter() - start
    worker.close()
    assert taken_s < 0.02  # about 0.1 ms; a fork and a warm-up would be more


def read_private_bytes(pid):
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()[1:]
    return sum(int(line.split()[1]) << 10 for line in lines if line.startswith("Private_"))


def test_a_worker_that_waits_warms_up_and_stays_small(best_pool):
    settle(best_pool)
    waiting = best_pool._ready[-1].pid
    try:
        read_private_bytes(waiting)
    except PermissionError:
        pytest.skip("only root may look at the memory of workers")
    # Right after a fork it is about 2 MB; what a job touches makes it more.
    wait_until(lambda: read_private_bytes(waiting) > 8 << 20)
    assert read_private_bytes(waiting) < 15 << 20


def test_workers_are_used_once(pool, ask):
    def leave_a_mark(_):
        import torch

        seen = getattr(torch, "mark", 0)
        torch.mark = seen + 1
        return seen

    for _ in range(4):
        with pool.take() as worker:
            assert ask(worker, leave_a_mark) == {"ok": 0}
            assert ask(worker, leave_a_mark) == {"ok": 1}


def test_hundreds_of_submissions_leave_nothing(best_pool, ask, pools):
    before = traces.look_at_rest(pools)
    for number in range(200):
        with best_pool.take() as worker:
            if number % 10 == 0:
                assert ask(worker, add, [1, number])["ok"].array == number + 1
    settle(best_pool)
    traces.require_nothing_left(before, pools)  # to the last descriptor and process


def test_many_threads_are_served(best_pool, ask):
    def submit(number):
        with best_pool.take() as worker:
            return int(ask(worker, add, [number, 1])["ok"].array)

    with ThreadPoolExecutor(6) as threads:
        assert list(threads.map(submit, range(40))) == list(range(1, 41))
    settle(best_pool)


def test_other_limits_are_kept(best_pool, ask):
    def allocate(megabytes):
        return len(bytearray(megabytes << 20))

    with best_pool.take() as worker:
        assert "error" in ask(worker, allocate, 400)
    with best_pool.take(Limits(memory_mb=600)) as worker:
        assert ask(worker, allocate, 400) == {"ok": 400 << 20}
    with best_pool.take(Limits(output_kb=1)) as worker:
        ask(worker, print_two_kilobytes)
        assert worker.output_overflow
        assert len(worker.output()) == 1024


def test_limits_that_were_asked_for_are_kept_ready_and_forgotten_ones_are_not(best_pool):
    for megabytes in (200, 210, 220):
        limits = Limits(memory_mb=megabytes)
        best_pool.take(limits).close()
        settle(best_pool)
        ready = [worker.limits.memory_mb for worker in best_pool._ready]
        assert ready.count(megabytes) == 2
        assert len(ready) <= 4


def print_two_kilobytes(_):
    print("x" * 2047)  # noqa: T201 - it is about what is printed


def sleep_long(_):
    import time

    time.sleep(60)


def test_a_dead_sandbox_is_noticed_and_replaced(best_pool, ask):
    settle(best_pool)
    with best_pool.take() as busy:
        killer = threading.Timer(
            0.3,
            signal.pidfd_send_signal,
            (best_pool._sandbox._zygote, signal.SIGKILL),
        )
        killer.start()
        with pytest.raises((SandboxError, WorkerDied)):
            ask(busy, sleep_long)
        killer.join()
    for _ in range(3):
        with best_pool.take() as worker:
            assert ask(worker, add, [1, 2])["ok"].array == 3


def test_a_pool_outlives_the_thread_that_made_it_and_leaves_nothing(best_pool, ask):
    settle(best_pool)
    descriptors, processes = count_descriptors(), list_descendants(os.getpid())
    made = []
    thread = threading.Thread(target=lambda: made.append(Pool()))
    thread.start()
    thread.join()
    time.sleep(0.2)
    pool = made[0]
    kept = pool.take()
    assert ask(kept, add, [1, 2])["ok"].array == 3
    pool.close()
    pool.close()
    kept.close()
    with pytest.raises(SandboxError, match="closed"):
        pool.take()
    assert count_descriptors() == descriptors
    assert list_descendants(os.getpid()) == processes


def test_workers_are_not_root_and_have_no_capabilities(pool):
    with pool.take():  # so that at least one is ready before the next is looked at
        wait_until(lambda: pool._ready)
    status = [
        line
        for worker in pool._ready
        for line in Path(f"/proc/{worker._pid}/status").read_text().splitlines()
        if line.startswith(("CapPrm", "CapEff", "Uid"))
    ]
    assert status
    expected = SUBMISSION_UID if os.geteuid() == 0 else os.geteuid()
    for line in status:
        values = line.split()[1:]
        wanted = {str(expected)} if line.startswith("Uid") else {"0" * 16}
        assert set(values) == wanted


@pytest.mark.parametrize("level", [Level.A, Level.B0])
def test_a_sandbox_that_does_not_start_says_why(level, monkeypatch):
    monkeypatch.setattr(command, "_list_python_arguments", lambda *_: ["/nonexistent"])
    with pytest.raises(SandboxError, match=r"did not start.*nonexistent"):
        Pool(level=level)


def test_a_pool_in_which_nobody_waits_is_refused():
    with pytest.raises(ValueError, match="at least 1"):
        Pool(idle=0)
