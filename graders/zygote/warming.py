"""What every worker would pay for: imports, first touches, one thread, random numbers."""

from __future__ import annotations

import gc
import os
import random
import sys
from typing import Final

import numpy as np
import torch

from graders import kernel, wire, worker

_HEAP_BYTES: Final = 6 << 20


def set_up_python() -> None:
    """Compute in one thread, and make what was printed before a time limit arrive."""
    torch.set_num_threads(1)
    torch.set_num_interop_threads(1)
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(line_buffering=True, errors="backslashreplace")  # type: ignore[union-attr]


def warm_up() -> None:
    """Do a small job, and carry it through the wire."""
    worker.warm_up()
    frame = b"".join(wire.encode({"ok": {"warm": torch.ones(2, 2, requires_grad=True)}}))
    wire.decode(frame)


def touch_what_a_job_touches() -> None:
    """Copy the memory that a job writes to, while nobody waits for it."""
    warm_up()
    kernel.prefault_heap(_HEAP_BYTES)


def make_unlike_the_others() -> None:
    """Start from random numbers of its own, which the fork copied, and collect garbage again."""
    random.seed()
    np.random.seed(int.from_bytes(os.urandom(4), "little"))  # noqa: NPY002 - what learners call
    gc.enable()
