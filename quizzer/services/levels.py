"""At which level of containment a site grades, and whether that is good enough for it."""

from __future__ import annotations

from quizzer.config import LEVELS
from quizzer.errors import GradingUnavailableError
from quizzer.services.submitting import diagnose


def choose_level(allow_level: str) -> str:
    """Return the level at which this machine may grade.

    Args:
        allow_level: the weakest of `LEVELS` that the operator accepts.

    Raises:
        GradingUnavailableError: if it cannot contain a submission that well; says how to mend it.
    """
    diagnosis = diagnose()
    if diagnosis.level in LEVELS[: LEVELS.index(allow_level) + 1]:
        return str(diagnosis.level)
    remedy = diagnosis.remedies[0] if diagnosis.remedies else "see `graders doctor`"
    raise GradingUnavailableError(
        f"Submissions are kept, not graded: this machine contains them at level {diagnosis.level}, "
        f"and {allow_level} is needed: {remedy}"
    )
