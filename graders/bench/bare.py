"""The peer of the jail: the same jobs in a warm interpreter, without any wall.

    python -m graders.bench.bare DEVICE            a job's name on each line in, its seconds out
    python -m graders.bench.bare DEVICE NAME       one job, then the end: a cold process

A job is what an ungarded grader would do with a submission: compile and run its source, make the
check with it and with the reference, compare. Values take the way through the wire here as well,
because comparing is done on what comes out of it.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

import torch

from graders import wire, worker
from graders.exercise import Exercise, load_exercise
from graders.judge import compare
from graders.runner.messages import checks_message, load_message, observe_message

JOBS = Path(__file__).resolve().parent / "jobs"
SEED = 5


def main(device: str, name: str = "") -> None:
    """Serve jobs by name, or do one."""
    torch.set_num_threads(1)  # as in the jail
    if name:
        _do(load_exercise(JOBS / name), device, {})
        return
    references: dict[str, worker.State] = {}
    for line in sys.stdin:
        exercise = load_exercise(JOBS / line.strip())
        reference = references.setdefault(exercise.key, {})
        start = time.perf_counter()
        _do(exercise, device, reference)
        print(time.perf_counter() - start, flush=True)  # noqa: T201 - it is asked for


def _do(exercise: Exercise, device: str, reference: worker.State) -> None:
    """Grade the reference's own source; the loaded reference itself is kept, as in the jail."""
    got = _observe(exercise, device, {})
    expected = _observe(exercise, device, reference)
    difference = compare(_carry(expected), _carry(got), exercise.checks[0].tolerance)
    if difference is not None:
        raise RuntimeError(f"{exercise.key}: {difference}")


def _observe(exercise: Exercise, device: str, state: worker.State) -> object:
    messages = [observe_message(exercise.checks[0], seed=SEED, device=device)]
    if not state:
        messages = [load_message(exercise.reference, "job.py"), checks_message(exercise), *messages]
    replies = [worker.handle(state, message) for message in messages]
    return replies[-1]["ok"]


def _carry(value: object) -> object:
    return wire.decode(b"".join(wire.encode(value)))


if __name__ == "__main__":
    main(*sys.argv[1:])
