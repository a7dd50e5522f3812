"""The peer of the jail: the same jobs in a warm interpreter, without any wall.

    python -m graders.bench.bare DEVICE            a job's name on each line in, its seconds out
    python -m graders.bench.bare DEVICE NAME       one job, then the end: a cold process

A job is what a grader without walls would do with a submission: compile and run its source, make
the check with it and with the reference, and compare the tensors.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

import torch

from graders import worker
from graders.exercise import Exercise, load_exercise
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
    if not _agree(expected, got):
        raise RuntimeError(f"{exercise.key}: the reference differs from itself")


def _observe(exercise: Exercise, device: str, state: worker.State) -> object:
    messages = [observe_message(exercise.checks[0], seed=SEED, device=device)]
    if not state:
        messages = [load_message(exercise.reference, "job.py"), checks_message(exercise), *messages]
    replies = [worker.handle(state, message) for message in messages]
    return replies[-1]["ok"]


def _agree(expected: object, got: object) -> bool:
    if isinstance(expected, torch.Tensor) and isinstance(got, torch.Tensor):
        return torch.allclose(got, expected, rtol=1e-4, atol=1e-6)
    if isinstance(expected, dict) and isinstance(got, dict):
        return all(_agree(value, got[key]) for key, value in expected.items())
    if isinstance(expected, list) and isinstance(got, list):
        return all(map(_agree, expected, got))
    return expected == got


if __name__ == "__main__":
    main(*sys.argv[1:])
