"""Running author's code that stands alone: the proofs of questions."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any

from graders.model import Limits, Verdict
from graders.pool import Pool
from graders.runner.calls import Failure, call, clean
from graders.runner.messages import run_message


@dataclass(frozen=True, slots=True, kw_only=True)
class RunError:
    """Why a program returned nothing.

    Attributes:
        verdict: RUNTIME_ERROR, or the limit that it ran into.
        type: the exception's class; empty where the process was stopped or died.
        message: what it said, with its type.
        line: of the program, counted from 1, or None where it is not known.
        text: that line.
    """

    verdict: Verdict
    type: str
    message: str
    line: int | None
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RunResult:
    """What became of a program.

    Attributes:
        value: what `main` returned: plain data, with tensors as `TensorValue`; None on an error.
        output: what it printed to stdout and stderr, capped.
        error: None where it returned.
        wall_s: seconds on the clock.
    """

    value: Any
    output: str
    error: RunError | None
    wall_s: float


def run_program(
    pool: Pool,
    source: str,
    *,
    arguments: object,
    seed: int,
    filename: str,
    limits: Limits | None,
) -> RunResult:
    """Run `main(arguments)` of `source` in a fresh worker.

    Raises:
        SandboxError: if no worker could be had.
    """
    start = time.perf_counter()
    with pool.take(limits) as worker:
        message = run_message(source, filename, arguments, seed)
        result = call(worker, message, limits or Limits())
        output = clean(worker.output().decode("utf-8", errors="replace"), 1 << 20)
    error = _error(result, filename) if isinstance(result, Failure) else None
    return RunResult(
        value=None if isinstance(result, Failure) else result.value,
        output=output,
        error=error,
        wall_s=time.perf_counter() - start,
    )


def _error(failure: Failure, filename: str) -> RunError:
    own = [frame for frame in failure.frames if frame.filename == filename]
    return RunError(
        verdict=failure.verdict,
        type=failure.error_type,
        message=failure.message,
        line=own[-1].line if own else None,
        text=own[-1].text if own else "",
    )
