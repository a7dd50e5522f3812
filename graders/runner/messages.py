"""The messages that the jailed worker understands; `graders.worker` says what each does."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from graders.exercise import CheckSpec, Exercise, JudgeSpec

Message = dict[str, object]


def load_message(source: str, filename: str, *, watch: Sequence[str] = ()) -> Message:
    """Run a file as the solution; calls that it makes of what is watched are noticed."""
    return {"do": "load", "source": source, "filename": filename, "watch": list(watch)}


def remarks_message() -> Message:
    """Ask which watched names were called, and end the watch."""
    return {"do": "remarks"}


def checks_message(exercise: Exercise) -> Message:
    """Define the visible scenarios. No hidden check's code is in it."""
    return {"do": "checks", "source": exercise.checks_source, "filename": "checks.py"}


def observe_message(spec: CheckSpec, *, seed: int, device: str) -> Message:
    """Run one scenario; a hidden one's code travels with it, only now."""
    return {
        "do": "observe",
        "check": spec.name,
        "source": spec.source if spec.hidden else None,
        "seed": derive_seed(seed, spec.name),
        "device": device,
    }


def judge_message(judge: JudgeSpec, expected: object, got: object) -> Message:
    """Ask an author's own judge; goes to the reference's worker, never to a submission's."""
    return {
        "do": "judge",
        "judge": judge.name,
        "source": judge.source,
        "expected": expected,
        "got": got,
    }


def run_message(source: str, filename: str, arguments: object, seed: int) -> Message:
    """Call `main(arguments)` of author's code."""
    return {
        "do": "run",
        "source": source,
        "filename": filename,
        "arguments": arguments,
        "seed": seed,
    }


def derive_seed(seed: int, name: str) -> int:
    """Return a check's own seed, 0 to 2**63 - 1, so that no check depends on which others run."""
    digest = hashlib.sha256(f"{seed}:{name}".encode()).digest()
    return int.from_bytes(digest[:8], "big") >> 1
