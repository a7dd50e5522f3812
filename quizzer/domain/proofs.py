"""What came of running the claims of one content file."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

Contradiction = tuple[int, str, str]
"""Line, code and message of what a proof found wrong; the file is known from elsewhere."""


class ProofState(StrEnum):
    """How far the proofs of a file are."""

    WAITING = "waiting"  # a worker knows of the file and will come to it
    PASSED = "passed"
    FAILED = "failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """The outcome of one file's proofs.

    Attributes:
        contradictions: what is wrong, by line; none unless it failed.
    """

    state: ProofState
    contradictions: tuple[Contradiction, ...] = ()
