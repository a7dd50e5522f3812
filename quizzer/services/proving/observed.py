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
class Observed:
    """What came of a proof under one seed.

    Attributes:
        error: what stopped it, or None.
        printed: one per step whose output is wanted.
        names: which of answer, truth and ok it set.
        truth: per option a bool, or text for what stands there instead; or text for a `truth` that
            is no dict.
        passes: per filling whether it passes, and else why not where it raised.
    """

    error: Raised | None
    printed: tuple[Printed, ...]
    names: tuple[str, ...]
    answer: Answer | None
    truth: Mapping[str, bool | str] | str | None
    passes: tuple[tuple[bool, str], ...]


def read_observed(value: object) -> tuple[Observed, ...]:
    """Read what the program returned, one per seed.

    Raises:
        UnreadableError: if it is nothing that the program returns.
    """
    try:
        return tuple(_read_one(entry) for entry in _require(value, list))
    except (KeyError, TypeError, ValueError) as error:
        raise UnreadableError(f"the proof sent something unreadable ({error})") from error


def _read_one(entry: dict[str, Any]) -> Observed:
    answer = entry.get("answer")
    return Observed(
        error=_read_raised(entry["error"]),
        printed=tuple(
            Printed(text=_require(text, str), raised=_read_raised(raised))
            for text, raised in entry["printed"]
        ),
        names=tuple(_require(name, str) for name in entry["names"]),
        answer=None if answer is None else _read_answer(answer),
        truth=_read_truth(entry.get("truth")),
        passes=tuple((_require(ok, bool), _require(why, str)) for ok, why in entry["passes"]),
    )


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
