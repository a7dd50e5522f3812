"""Workers with a sandbox each (level B0): as those that are forked, only slower to come by."""

# ruff: noqa: PTH101, PTH102, PTH123, PTH208, PTH211, S103 - attacks call the system plainly

from __future__ import annotations

import errno
import os
import signal
from pathlib import Path

import pytest

from graders.errors import SandboxError
from graders.jail import SoloSandbox, command, open_sandbox, solo
from graders.jail.sandbox import configure
from graders.jail.solo import _read_status
from graders.model import Limits
from graders.policy import Device, Level
from graders.pool import Pool, WorkerDied, keeping
from tests.sandbox.traces import list_children, list_descendants, look_at_rest, wait_until


@pytest.fixture(scope="module")
def solo_pool():
    """A pool of B0 that keeps one worker, because each takes seconds."""
    with Pool(level=Level.B0, idle=1) as made:
        yield made


def count_up(_):
    import torch

    torch.seen = getattr(torch, "seen", 0) + 1
    return torch.seen


def use_processor(seconds):
    import time

    start = time.process_time()
    while time.process_time() - start < seconds:
        pass
    return time.process_time()


def make_files(_):
    import os

    got = []
    attempts = {
        "open": lambda: os.open("made", os.O_CREAT | os.O_WRONLY),
        "unnamed": lambda: os.open(".", os.O_TMPFILE | os.O_RDWR),
        "folder": lambda: os.mkdir("made"),
        "link": lambda: os.symlink("/", "made"),
        "mode": lambda: os.chmod("/dev/null", 0o777),
    }
    for name, attempt in attempts.items():
        try:
            got.append([name, attempt() is None])
        except OSError as error:
            got.append([name, error.errno])
    with open(os.devnull, "w") as device:
        device.write("a device is no file")
    return [*got, os.listdir("/w/box")]


def end_with(status):
    import os

    os._exit(status)


def test_it_serves_once_is_timed_and_makes_no_files(solo_pool, ask):
    with solo_pool.take() as worker:
        assert ask(worker, count_up) == {"ok": 1}
        assert ask(worker, count_up) == {"ok": 2}
        used_s = ask(worker, use_processor, 0.3)["ok"]
        assert 0.3 <= worker.cpu_s() < used_s  # its imports are not the submission's
        *attempts, found = ask(worker, make_files)["ok"]
        assert {number for _, number in attempts} <= {errno.EPERM, errno.EROFS}
        assert found == []
    with solo_pool.take() as worker:
        assert ask(worker, count_up) == {"ok": 1}


def test_processor_time_counts_from_the_submission_on(solo_pool, ask):
    with solo_pool.take(Limits(cpu_s=1)) as worker:
        with pytest.raises(WorkerDied) as caught:
            ask(worker, use_processor, 20, wall_s=60)
        assert caught.value.reason == "cpu"


def test_how_it_ended_is_told(solo_pool, ask):
    with solo_pool.take() as worker:
        with pytest.raises(WorkerDied) as caught:
            ask(worker, end_with, 7)
        assert (caught.value.reason, caught.value.status) == ("exit", 7)


def test_no_thread_is_without_walls_and_nobody_else_is_inside(solo_pool):
    with solo_pool.take() as worker:
        tasks = list(Path(f"/proc/{worker.pid}/task").iterdir())
        assert tasks
        for task in tasks:
            fields = dict(
                line.split(":\t", 1) for line in (task / "status").read_text().splitlines()
            )
            assert fields["Seccomp"] == "2"
            assert fields["NoNewPrivs"] == "1"
            assert set(fields["CapEff"] + fields["CapPrm"] + fields["CapBnd"]) == {"0"}
            assert fields["NSpid"].split()[-1] == "1"


def test_closing_leaves_nothing_even_of_workers_that_are_still_starting(solo_pool, pools):
    look_at_rest([solo_pool, *pools])  # else a worker that one of them waits for comes meanwhile
    before = list_children(os.getpid())
    descriptors = len(os.listdir("/proc/self/fd"))
    sandbox = open_sandbox(Level.B0)
    assert isinstance(sandbox, SoloSandbox)
    sandbox.ask(1, Limits())
    sandbox.ask(2, Limits())
    message, handed_out = sandbox.receive()
    assert message == {"spawned": 1}
    started = list_children(os.getpid()) - before
    started |= set().union(*map(list_descendants, started))
    for descriptor in handed_out:
        os.close(descriptor)
    sandbox.close()
    assert list_children(os.getpid()) <= before
    wait_until(lambda: not any(Path(f"/proc/{pid}").exists() for pid in started))
    wait_until(lambda: len(os.listdir("/proc/self/fd")) <= descriptors)


def test_a_pool_gives_up_where_workers_die_again_and_again(solo_pool, monkeypatch):
    solo_pool.take().close()  # so that none is on its way whose limits could be chosen
    monkeypatch.setattr(command, "_list_python_arguments", lambda *_: ["/nonexistent/python"])
    with pytest.raises(SandboxError, match=r"die before they are ready.*/nonexistent/python"):
        solo_pool.take(Limits(memory_mb=100))
    monkeypatch.undo()
    solo_pool.take().close()


@pytest.mark.parametrize(
    ("code", "status"),
    [
        (0, 0),
        (7, 7),
        (128, 128),
        (128 + signal.SIGKILL, -signal.SIGKILL),
        (128 + signal.SIGSEGV, -signal.SIGSEGV),
        (255, 255),
    ],
)
def test_the_program_around_it_reports_signals_as_a_shell_does(code, status):
    assert _read_status(code) == status


def look_around(_):
    import errno
    import os
    import resource

    got = []
    for attempt in (
        lambda: os.listdir("/etc/ssl"),
        lambda: os.open("/etc/shadow", os.O_RDONLY),
        lambda: os.open("/w/made", os.O_CREAT | os.O_WRONLY),
        os.fork,
    ):
        try:
            attempt()
            got.append("done")
        except OSError as error:
            got.append(errno.errorcode[error.errno])
    addresses, _ = resource.getrlimit(resource.RLIMIT_AS)
    return [got, addresses == resource.RLIM_INFINITY, os.environ["NVIDIA_TF32_OVERRIDE"]]


@pytest.mark.parametrize("level", [Level.A, Level.B0, Level.C])
def test_the_walls_that_a_device_needs_hold_without_one(level, monkeypatch, ask):
    """All but the device itself: the process is told of one that nobody starts."""

    def pretend(layers, device):
        return configure(layers, device) | {"device": "none of this machine's"}

    class NoWatch:
        def add(self, _worker):
            """There is no driver that could be asked."""

        close = staticmethod(lambda: None)

    monkeypatch.setattr(solo, "configure", pretend)
    monkeypatch.setattr(keeping, "DeviceWatch", NoWatch)
    with Pool(level=level, idle=1, device=Device.CUDA) as pool, pool.take() as worker:
        got, has_all_addresses, precision = ask(worker, look_around)["ok"]
        assert set(got) <= {"EPERM", "EACCES", "ENOENT", "EROFS"}
        assert has_all_addresses
        assert precision == "0"
        assert {path.name for path in Path(f"/proc/{worker.pid}/fd").iterdir()} == set("0123")
