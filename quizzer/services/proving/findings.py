"""What proofs find: complaints that have no file yet, and facts that no author wrote."""

from __future__ import annotations

from dataclasses import dataclass, field

from quizzer.domain.proofs import Found
from quizzer.services.proving.observed import Raised


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """A complaint before it has its file.

    Attributes:
        line: where it goes; None for the proof as a whole.
        raised: the exception that it is about, whose place is better than any line.
    """

    code: str
    message: str
    line: int | None = None
    raised: Raised | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """What came of one proof: nothing is found where something is wrong."""

    findings: tuple[Finding, ...] = ()
    found: Found = field(default_factory=Found)
