"""One grading from source to report, and one run of author's code."""

from graders.runner.grading import caught_by, grade
from graders.runner.programs import RunError, RunResult, run_program
from graders.runner.references import Expectation, References

__all__ = [
    "Expectation",
    "References",
    "RunError",
    "RunResult",
    "caught_by",
    "grade",
    "run_program",
]
