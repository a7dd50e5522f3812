"""What the jail sent back from a proof, read as what it should be."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


class UnreadableError(ValueError):
    """The jail sent something that no proof program sends."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Raised:
    """An exception in the author's code.

    Attributes:
        places: (step, line of it) of each frame in the author's code, the innermost last.
        message: the last line of the traceback.
    """

    places: tuple[tuple[str, int], ...]
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Printed:
    """What a step printed, and how it ended."""

    text: str
    raised: Raised | None

    @property
    def shown(self) -> str:
        """What a reader would see of it: the output, then the last line of a traceback."""
        return self.text + (self.raised.message if self.raised else "")


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """A proof's `answer`: as text, as Python writes it, and as a number where it is one."""

    text: str
    code: str
    number: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Value:
    """What a variable was given: the name of its type, and the beginning of its text."""

    type: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """More about a code that `ok` was asked about: why it raised (or empty), what it printed."""

    why: str
    printed: str
    wall_ms: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Observed:
    """What came of one run of a proof.

    Attributes:
        error: what stopped it, or None.
        printed: one per step whose output is wanted.
        values: of the variables that the item shows and that were set, by name.
        names: which of answer, truth and ok it set.
        truth: per option a bool, or text for what stands there instead; or text for a `truth` that
            is no dict.
        passes: per code that was asked about, whether it passes.
        told: more about the first of those codes.
        wall_ms: milliseconds on the clock.
    """

    error: Raised | None
    printed: tuple[Printed, ...]
    values: Mapping[str, Value]
    names: tuple[str, ...]
    answer: Answer | None
    truth: Mapping[str, bool | str] | str | None
    passes: tuple[bool, ...]
    told: tuple[Told, ...]
    wall_ms: float

    def find_why(self, index: int) -> str:
        """Return why the code of that index raised; empty where it did not or nobody knows."""
        return self.told[index].why if index < len(self.told) else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Observation:
    """What came of a proof.

    Attributes:
        runs: one per run that was asked for, None where it was not needed.
        orders: orders of pieces, as indices, that pass in every run though nobody wrote them.
        order_count: how many orders were looked at.
    """

    runs: tuple[Observed | None, ...]
    orders: tuple[tuple[int, ...], ...]
    order_count: int

    def list_runs(self) -> tuple[Observed, ...]:
        """Return those runs that were made."""
        return tuple(run for run in self.runs if run is not None)


def read_observation(value: object) -> Observation:
    """Read what the program returned.

    Raises:
        UnreadableError: if it is nothing that the program returns.
    """
    try:
        sent = _require(value, dict)
        return Observation(
            runs=tuple(
                None if entry is None else _read_run(entry)
                for entry in _require(sent["runs"], list)
            ),
            orders=tuple(_read_order(order) for order in _require(sent["orders"], list)),
            order_count=_require(sent["order_count"], int),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise UnreadableError(f"the proof sent something unreadable ({error})") from error


def _read_run(entry: dict[str, Any]) -> Observed:
    answer = entry.get("answer")
    return Observed(
        error=_read_raised(entry["error"]),
        printed=tuple(
            Printed(text=_require(text, str), raised=_read_raised(raised))
            for text, raised in entry["printed"]
        ),
        values={
            _require(name, str): Value(type=_require(kind, str), text=_require(text, str))
            for name, (kind, text) in _require(entry["values"], dict).items()
        },
        names=tuple(_require(name, str) for name in entry["names"]),
        answer=None if answer is None else _read_answer(answer),
        truth=_read_truth(entry.get("truth")),
        passes=tuple(mark == "1" for mark in _require(entry["passes"], str)),
        told=tuple(_read_told(*told) for told in entry["told"]),
        wall_ms=_require(entry["wall_ms"], float),
    )


def _read_told(why: object, printed: object, wall_ms: object) -> Told:
    return Told(
        why=_require(why, str), printed=_require(printed, str), wall_ms=_require(wall_ms, float)
    )


def _read_order(order: object) -> tuple[int, ...]:
    return tuple(_require(index, int) for index in _require(order, list))


def _read_raised(entry: dict[str, Any] | None) -> Raised | None:
    if entry is None:
        return None
    places = ((_require(step, str), _require(line, int)) for step, line in entry["places"])
    return Raised(places=tuple(places), message=_require(entry["message"], str))


def _read_answer(entry: dict[str, Any]) -> Answer:
    number = entry["number"]
    return Answer(
        text=_require(entry["text"], str),
        code=_require(entry["code"], str),
        number=None if number is None else _require(number, float),
    )


def _read_truth(entry: object) -> Mapping[str, bool | str] | str | None:
    if entry is None or isinstance(entry, str):
        return entry
    truth = _require(entry, dict)
    return {_require(key, str): _require(value, (bool, str)) for key, value in truth.items()}


def _require(value: Any, kind: Any) -> Any:  # noqa: ANN401 - narrows what comes from outside
    if not isinstance(value, kind):
        raise TypeError(f"{type(value).__name__} where {kind} should be")
    return value
