"""Attackers beside honest submissions, and a grader that dies while one is busy."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import threading
from pathlib import Path

from graders.errors import GraderError
from graders.pool import TimeLimit, WorkerDied
from tests.sandbox.traces import is_running, list_descendants, wait_until

ROOT = Path(__file__).resolve().parents[2]
VICTIMS, ATTACKS = 12, 4


def attack_neighbours(_):
    """Kill, trace, read and starve whatever can be reached, until the deadline."""
    import ctypes
    import os
    import threading

    libc = ctypes.CDLL(None, use_errno=True)
    buffer = ctypes.create_string_buffer(64)
    kept = []
    while True:
        for pid in (-1, 0, *range(1, 40), os.getppid()):
            if pid == os.getpid():
                continue
            libc.kill(pid, 9)
            libc.syscall(101, 16, pid, 0, 0)
            libc.syscall(310, pid, buffer, 1, buffer, 1, 0)
        libc.killpg(0, 9)
        libc.fork()
        try:
            kept.append(bytearray(8 << 20))
            threading.Thread(target=threading.Event().wait, daemon=True).start()
        except (MemoryError, RuntimeError):
            pass
        os.write(1, b"x" * 4096)


def test_honest_submissions_beside_attackers_are_all_graded(pool, ask, require_honest):
    over, attacks = threading.Event(), []

    def keep_attacking():
        while not over.is_set():
            with pool.take() as worker, contextlib.suppress(TimeLimit, WorkerDied, GraderError):
                ask(worker, attack_neighbours, wall_s=0.3)
            attacks.append(worker)

    attackers = [threading.Thread(target=keep_attacking) for _ in range(2)]
    for attacker in attackers:
        attacker.start()
    try:
        graded = 0
        while graded < VICTIMS or len(attacks) < ATTACKS:
            require_honest(pool)
            graded += 1
    finally:
        over.set()
        for attacker in attackers:
            attacker.join()
    require_honest(pool)


OWNER = """
import sys, threading
from graders.policy import Level
from graders.pool import Pool
pool = Pool(level=Level(sys.argv[1]))
source = "import signal\\ndef main(_):\\n for n in range(1, 31):\\n  try: signal.signal(n, signal.SIG_IGN)"
source += "\\n  except (OSError, ValueError): pass\\n while True: pass"
message = {"do": "run", "source": source, "filename": "x.py", "arguments": None, "seed": 0}
workers = [pool.take() for _ in range(2)]
threads = [threading.Thread(target=w.call, args=(message,), kwargs={"wall_s": 60}) for w in workers]
for thread in threads: thread.start()
print("looping", flush=True)
for thread in threads: thread.join()
"""


def test_everything_is_gone_when_the_grader_is_killed_while_submissions_loop(pool):
    """The pool only says at which level: it is another process's sandbox that loses its owner."""
    command = [sys.executable, "-c", OWNER, str(pool.level)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, cwd=ROOT) as owner:
        assert owner.stdout.readline() == b"looping\n"
        jailed = list_descendants(owner.pid)
        assert len(jailed) >= 4  # a zygote, and the two that loop, and what stands around them
        owner.kill()
        wait_until(lambda: not any(map(is_running, jailed)))
    assert os.getpid() not in jailed
