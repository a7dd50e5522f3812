"""The doctor's findings on machines that lack something, simulated by refusing system calls."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from graders.doctor import diagnose
from graders.policy import Level
from tests.sandbox.users import list_become_arguments

ROOT = Path(__file__).resolve().parents[2]
PROGRAM = """
import errno, sys
import pyseccomp as seccomp
rules = seccomp.SyscallFilter(seccomp.ALLOW)
for name in sys.argv[2:]:
    rules.add_rule(seccomp.ERRNO(errno.ENOSYS), name)
rules.load()

from graders.doctor import diagnose
from graders.pool import Pool
print(diagnose().level)
if sys.argv[1] == "grade":
    message = {"do": "run", "source": "import torch\\ndef main(_): return float(torch.ones(3).sum())",
               "filename": "x.py", "arguments": None, "seed": 0}
    with Pool() as pool, pool.take() as worker:
        print(pool.level, worker.call(message, wall_s=20))
"""

needs_everything = pytest.mark.skipif(
    diagnose().level is not Level.A,
    reason="this machine lacks a wall, and only where all stand can some be taken away",
)


def run_without(calls, *, grade, become=()):
    command = [*become, sys.executable, "-B", "-c", PROGRAM, "grade" if grade else "look", *calls]
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    return done.stdout.splitlines()


@needs_everything
@pytest.mark.parametrize(
    ("calls", "level"),
    [
        ((), "A"),
        (("mount",), "C"),
        (("mount", "landlock_create_ruleset"), "none"),
        (("unshare", "landlock_create_ruleset"), "B0"),
        (("seccomp", "prctl"), "none"),
    ],
)
def test_a_machine_that_lacks_something_gets_its_level(calls, level):
    assert run_without(calls, grade=False) == [level]


@needs_everything
@pytest.mark.parametrize(
    ("calls", "level"),
    [
        (("landlock_create_ruleset",), "A-"),
        (("unshare",), "B"),
        (("unshare", "landlock_create_ruleset"), "B0"),
    ],
)
def test_it_grades_at_that_level(calls, level):
    assert run_without(calls, grade=True) == [level, f"{level} {{'ok': 3.0}}"]


@needs_everything
def test_it_grades_where_nothing_can_be_mounted():
    """As an ordinary user: root, whose Python may lie in its own folder, would have to mount it."""
    told = run_without(("mount",), grade=True, become=list_become_arguments())
    assert told == ["C", "C {'ok': 3.0}"]


def hold_threads(count):
    import threading
    import time

    threading.stack_size(1 << 18)  # else memory ends first
    for _ in range(count):
        threading.Thread(target=time.sleep, args=(60,), daemon=True).start()
    return threading.active_count()


@needs_everything
@pytest.mark.parametrize("level", [Level.A, Level.B, Level.C])
def test_no_worker_takes_the_threads_of_another(level, pool_at, ask):
    """More than half of what each may have, at the same time."""
    pool = pool_at(level)
    with pool.take() as first, pool.take() as second:
        assert ask(first, hold_threads, 50) == {"ok": 51}
        assert ask(second, hold_threads, 50) == {"ok": 51}
