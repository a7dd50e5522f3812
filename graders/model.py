"""The words of grading: limits, verdicts, differences and the report.

Everything here is plain data: it crosses process borders, is stored as JSON and shown on pages,
and imports nothing but the standard library.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any

CHECKS_LINE = "in the check: "
"""What a traceback begins with where none of the submission's own lines raised."""


class Verdict(StrEnum):
    """How a check or a whole submission ended, in order of precedence.

    The verdict of a submission is the first of these that any of its checks has. The first two
    are not the learner's doing and are never counted as a try.
    """

    PLATFORM_ERROR = "platform_error"
    AUTHOR_ERROR = "author_error"
    SYNTAX_ERROR = "syntax_error"
    FORBIDDEN = "forbidden"
    TIME_LIMIT = "time_limit"
    MEMORY_LIMIT = "memory_limit"
    OUTPUT_LIMIT = "output_limit"
    RUNTIME_ERROR = "runtime_error"
    WRONG = "wrong"
    SKIPPED = "skipped"
    ACCEPTED = "accepted"

    @property
    def counts_as_try(self) -> bool:
        """False where the author or the platform is at fault."""
        return self not in (Verdict.PLATFORM_ERROR, Verdict.AUTHOR_ERROR)

    @property
    def is_graded(self) -> bool:
        """Whether a submission of this verdict was graded at all.

        Where it was not, its score says nothing: somebody else is at fault, or the device that it
        was to be checked on is missing here.
        """
        return self.counts_as_try and self is not Verdict.SKIPPED


def worst(verdicts: list[Verdict]) -> Verdict:
    """Return the verdict of the highest precedence; ACCEPTED for an empty list."""
    order = list(Verdict)
    return min(verdicts, key=order.index, default=Verdict.ACCEPTED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What one submission may use, per grading.

    Attributes:
        wall_s: seconds on the clock for each message (loading the submission, each check). There
            is a total as well, which follows from the limits: `graders.runner.clock`.
        cpu_s: processor seconds in all.
        memory_mb: mebibytes of memory beyond what an idle worker has.
        output_kb: kibibytes of stdout and stderr together.
    """

    wall_s: float = 10.0
    cpu_s: int = 10
    memory_mb: int = 1024
    output_kb: int = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """One element of two tensors: what the reference has, what the submission has, short text."""

    expected: str
    got: str
    differs: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Excerpt:
    """What two tensors are, and the piece of them around the first element that differs.

    Attributes:
        expected_form, got_form: dtype and shape, `float32, shape (3, 4)`.
        corner: the index of the first cell; empty where there are no cells.
        rows: the cells of the last two dimensions, row by row; one row of a vector. None where the
            forms differ, or of tensors without dimensions.
        is_whole: whether these are all elements.
    """

    expected_form: str
    got_form: str
    corner: tuple[int, ...] = ()
    rows: tuple[tuple[Cell, ...], ...] = ()
    is_whole: bool = False

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> Excerpt:
        """Rebuild an excerpt from the JSON-ready values of `asdict`.

        Raises:
            KeyError, TypeError: if `data` is not such a value.
        """
        rows = tuple(tuple(Cell(**cell) for cell in row) for row in data["rows"])
        return cls(**{**data, "corner": tuple(data["corner"]), "rows": rows})


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """The first place where what was seen differs from what the reference shows.

    Attributes:
        kind: one of structure, shape, dtype, device, requires_grad, nonfinite, values, or
            judged for what a check's own rule found.
        where: the place in the observation, as Python would index it: `['0.weight'][1, 2]`;
            empty for the observation itself.
        expected: what the reference shows there, short text; empty for a hidden check.
        got: what the submission showed there, short text; empty for a hidden check.
        note: one more fact in words (largest error, how many elements differ), or empty.
        excerpt: of two tensors, the piece around that place; None elsewhere and for a hidden check.
    """

    kind: str
    where: str = ""
    expected: str = ""
    got: str = ""
    note: str = ""
    excerpt: Excerpt | None = None

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> Difference:
        """Rebuild a difference from the JSON-ready values of `asdict`.

        Raises:
            KeyError, TypeError: if `data` is not such a value.
        """
        excerpt = data.get("excerpt")  # reports from before there were any have none
        return cls(**{**data, "excerpt": Excerpt.from_dict(excerpt) if excerpt else None})


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckResult:
    """What became of one check.

    Attributes:
        name: the check's identifier.
        sentence: the sentence that the learner reads.
        points: what the check is worth.
        verdict: ACCEPTED, WRONG, SKIPPED or what stopped it.
        hidden: whether values and output are withheld from the learner.
        difference: for WRONG, where it differs.
        message: for anything else but ACCEPTED, why, in words for the learner.
        traceback: the submission's own frames, last line first, for a RUNTIME_ERROR; where there
            are none, CHECKS_LINE and the check's line that used its result.
        output: what the submission printed during this check, capped; empty for a hidden check.
        wall_s: seconds on the clock, measured outside the jail; 0 for a hidden check.
    """

    name: str
    sentence: str
    points: float
    verdict: Verdict
    hidden: bool = False
    difference: Difference | None = None
    message: str = ""
    traceback: str = ""
    output: str = ""
    wall_s: float = 0.0

    @property
    def error(self) -> tuple[str, str]:
        """What two results have in common whose error is one: the message and its own lines.

        Where none of the submission's lines raised, `traceback` quotes the check's line, which is
        another one in each check.
        """
        own = "" if self.traceback.startswith(CHECKS_LINE) else self.traceback
        return self.message, own

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> CheckResult:
        """Rebuild a result from the JSON-ready values of `asdict`.

        Raises:
            KeyError, TypeError, ValueError: if `data` is not such a value.
        """
        difference = data["difference"]
        return cls(
            **{
                **data,
                "verdict": Verdict(data["verdict"]),
                "difference": Difference.from_dict(difference) if difference else None,
            },
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """The outcome of grading one submission.

    Attributes:
        exercise: the exercise's key, `lesson/exercise`.
        exercise_hash: hash of the exercise folder's contents.
        verdict: the worst verdict of all checks.
        score: points earned over points possible, in [0, 1].
        checks: one result per check, in the order of the file.
        message: what stopped the whole submission (a syntax error, say), or empty.
        information: remarks that change no verdict.
        misconception: the named misconception of the known wrong submissions that trip the same
            checks, or empty.
        seed: the seed of the inputs; `grade --seed` replays it.
        device: cpu or cuda.
        torch_version: of the torch that the jail imported.
        level: containment level of the jail that ran it.
        wall_s: seconds on the clock from the first message to the verdict, or to the first hidden
            check: how long these take is not told.
        cpu_s: processor seconds of the jailed worker up to there, measured outside.
    """

    exercise: str
    exercise_hash: str
    verdict: Verdict
    score: float
    checks: tuple[CheckResult, ...] = ()
    message: str = ""
    information: tuple[str, ...] = ()
    misconception: str = ""
    seed: int = 0
    device: str = "cpu"
    torch_version: str = ""
    level: str = ""
    wall_s: float = 0.0
    cpu_s: float = 0.0

    def to_dict(self) -> dict[str, Any]:
        """Return the report as JSON-ready values."""
        return asdict(self)

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> Report:
        """Rebuild a report from `to_dict`'s value.

        Raises:
            KeyError, TypeError, ValueError: if `data` is not such a value.
        """
        checks = tuple(CheckResult.from_dict(entry) for entry in data["checks"])
        return cls(
            **{
                **data,
                "verdict": Verdict(data["verdict"]),
                "checks": checks,
                "information": tuple(data["information"]),
            },
        )
