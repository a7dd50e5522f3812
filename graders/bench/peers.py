"""The processes that do a job without walls."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Self

from graders.exercise import Exercise, load_exercise

JOBS = Path(__file__).resolve().parent / "jobs"
_ROOT = str(Path(__file__).resolve().parents[2])
_ONE_THREAD = dict.fromkeys(("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS"), "1")


def load_job(name: str) -> Exercise:
    """Return the exercise that a job is."""
    return load_exercise(JOBS / name)


class Bare:
    """A warm interpreter that does jobs when it is told to; a context manager that ends it.

    Args:
        device: cpu or cuda.
    """

    def __init__(self, device: str) -> None:
        self._process = subprocess.Popen(
            _command(device),
            env=_environment(),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.communicate()

    def measure(self, name: str) -> float:
        """Return the seconds that a job takes there.

        Raises:
            RuntimeError: if the interpreter ended.
        """
        if self._process.stdin is None or self._process.stdout is None:
            raise RuntimeError("the bare interpreter has no pipes")
        self._process.stdin.write(f"{name}\n")
        self._process.stdin.flush()
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError("the bare interpreter ended")
        return float(line)


def start_cold(device: str, name: str) -> subprocess.Popen[bytes]:
    """Start a Python that imports torch, does one job and ends."""
    return subprocess.Popen(_command(device, name), env=_environment())


def measure_cold(device: str, name: str) -> float:
    """Return the seconds of a job in a Python of its own."""
    start = time.perf_counter()
    status = start_cold(device, name).wait()
    if status:
        raise RuntimeError(f"the cold process ended with status {status}")
    return time.perf_counter() - start


def _command(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "graders.bench.bare", *arguments]


def _environment() -> dict[str, str]:
    return {**os.environ, **_ONE_THREAD, "PYTHONPATH": _ROOT}
