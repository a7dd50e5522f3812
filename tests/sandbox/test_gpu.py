"""Grading on a CUDA device: `pytest -m gpu`, where there is one."""

from __future__ import annotations

import contextlib
from dataclasses import replace
from pathlib import Path

import pytest

from graders import nvml
from graders.facade import Grader, Limits, Verdict, load_exercise
from graders.jail import cuda
from graders.policy import Device
from graders.pool import MemoryDied, Pool

OBSTACLE = cuda.find_obstacle()
pytestmark = [
    pytest.mark.gpu,
    pytest.mark.skipif(bool(OBSTACLE), reason=f"no CUDA device can be used: {OBSTACLE}"),
    pytest.mark.timeout(300),
]

EXERCISE = Path(__file__).resolve().parents[2] / "exercises/regularization/sum-of-params"
LIMITS = Limits(wall_s=30, cpu_s=30, memory_mb=512)
RIGHT = b"def l2_penalty(model):\n    return sum(p.pow(2).sum() for p in model.parameters())\n"


@pytest.fixture(scope="module")
def exercise():
    loaded = load_exercise(EXERCISE)
    return replace(loaded, devices=("cpu", "cuda"), limits=LIMITS, hash="on-both-devices")


@pytest.fixture(scope="module")
def cuda_grader():
    with Grader() as made:
        yield made


@pytest.fixture(scope="module")
def cuda_pool():
    with Pool(device=Device.CUDA, idle=1, limits=LIMITS) as made:
        yield made


@pytest.fixture
def ask_cuda(cuda_pool, ask):
    """Run a program in a fresh worker on the device."""

    def run(function, arguments=None):
        with cuda_pool.take() as worker:
            reply = ask(worker, function, arguments, wall_s=60)
        assert "ok" in reply, reply
        return reply["ok"]

    return run


def change(before, after):
    return RIGHT.replace(before, after)


def test_the_right_one_is_accepted_on_both_devices(cuda_grader, exercise):
    for device in ("cuda", "cpu", "cuda"):
        report = cuda_grader.grade(exercise, RIGHT, device=device)
        assert report.verdict is Verdict.ACCEPTED, report
        assert report.device == device
        assert report.score == 1.0


@pytest.mark.parametrize("after", [b".mean()", b".sum().cpu()", b".sum().half().float()"])
def test_wrong_ones_and_the_wrong_device_are_caught(cuda_grader, exercise, after):
    report = cuda_grader.grade(exercise, change(b".sum()", after), device="cuda")
    assert report.verdict is Verdict.WRONG, report
    if after.endswith(b".cpu()"):
        kinds = {result.difference.kind for result in report.checks if result.difference}
        assert "device" in kinds


def test_what_uses_up_the_device_is_ended(cuda_pool, ask):
    def take_it_all(_):
        import time

        import torch

        held = []
        for _ in range(200):
            held.append(torch.ones(16 << 20, device="cuda"))  # 64 MB
            torch.cuda.synchronize()
            time.sleep(0.02)
        return len(held)

    with cuda_pool.take() as worker, pytest.raises(MemoryDied):
        ask(worker, take_it_all, wall_s=60)


def test_memory_limit_is_the_verdict(cuda_grader, exercise):
    body = b"import time, torch\n    held = [(torch.ones(16 << 20, device='cuda'), time.sleep(0.02)) for _ in range(200)]\n    return "
    report = cuda_grader.grade(exercise, change(b"return ", body), device="cuda")
    assert report.verdict is Verdict.MEMORY_LIMIT, report


def test_modest_use_of_the_device_is_left_alone(ask_cuda):
    def use_some(_):
        import time

        import torch

        held = torch.ones(64 << 20, device="cuda")  # 256 MB
        time.sleep(0.5)
        return float(held.sum())

    assert ask_cuda(use_some) == 64 << 20


def test_products_have_full_precision(ask_cuda):
    def compare_with_doubles(_):
        import torch

        a, b = (torch.randn(1024, 1024, device="cuda") for _ in range(2))
        exact = a.double() @ b.double()
        return float(((a @ b).double() - exact).abs().max() / exact.abs().max())

    assert ask_cuda(compare_with_doubles) < 1e-5  # with TF32 about 1e-3


def test_convolutions_have_full_precision(ask_cuda):
    def compare_with_doubles(_):
        import torch
        from torch.nn.functional import conv2d

        images = torch.randn(8, 32, 32, 32, device="cuda")
        weights = torch.randn(32, 32, 3, 3, device="cuda")
        exact = conv2d(images.double(), weights.double())
        return float((conv2d(images, weights).double() - exact).abs().max() / exact.abs().max())

    assert ask_cuda(compare_with_doubles) < 1e-5


def test_the_same_seed_gives_the_same_values(ask_cuda):
    def draw(_):
        import torch

        index = torch.randint(0, 8, (100_000,), device="cuda")
        values = torch.randn(100_000, device="cuda")
        return torch.zeros(8, device="cuda").index_add(0, index, values)

    first, second = ask_cuda(draw), ask_cuda(draw)
    assert first.device.startswith("cuda")
    assert (first.array == second.array).all()


def test_the_next_one_finds_nothing_of_the_last_in_freed_memory(ask_cuda):
    """Its memory went back to the driver, which clears it, and not to an allocator that both use."""

    def leave(mark):
        import torch

        held = torch.full((32 << 20,), mark, dtype=torch.int32, device="cuda")
        return int((held == mark).sum())

    def look_for(mark):
        import torch

        found = 0
        held = [torch.empty(32 << 20, dtype=torch.int32, device="cuda") for _ in range(3)]
        for block in held:
            found += int((block == mark).sum())
        return found

    mark = 0x5EC2E7
    assert ask_cuda(leave, mark) == 32 << 20
    assert ask_cuda(look_for, mark) == 0


def test_walls_stand_on_every_thread(cuda_pool):
    with cuda_pool.take() as worker:
        tasks = list(Path(f"/proc/{worker.pid}/task").iterdir())
        assert len(tasks) > 1  # CUDA has threads of its own
        for task in tasks:
            lines = (task / "status").read_text().splitlines()
            fields = dict(line.split(":\t", 1) for line in lines)
            assert (fields["Seccomp"], fields["NoNewPrivs"]) == ("2", "1")
            assert set(fields["CapEff"]) == {"0"}


def test_the_usual_attacks_fail_on_the_device_as_well(ask_cuda):
    def attack(_):
        import os
        import socket

        got = []
        attempts = {
            "file": lambda: os.open("/etc/shadow", os.O_RDONLY),
            "home": lambda: os.scandir("/home"),
            "new file": lambda: os.open("made", os.O_CREAT | os.O_WRONLY),
            "process": os.fork,
            "socket": lambda: socket.socket(socket.AF_INET, socket.SOCK_STREAM),
            "signal": lambda: os.kill(-1, 0),
        }
        for name, attempt in attempts.items():
            try:
                attempt()
                got.append(name)
            except OSError:
                pass
        return got

    assert ask_cuda(attack) == []


def test_no_process_keeps_memory_of_the_device_at_the_end():
    with nvml.open_driver() as driver:
        before = driver.read_used_bytes(0)
        with Pool(device=Device.CUDA, idle=1) as pool:
            pool.take().close()
            pid = max(worker.pid for worker in pool._alive.values())
            with contextlib.suppress(nvml.DriverError):
                assert driver.read_used_bytes_by_pid(0).get(pid, 1) > 0
        assert driver.read_used_bytes(0) < before + (64 << 20)
