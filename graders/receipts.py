"""Receipts: what has to be known of one grading to repeat it, and to say why it came out otherwise.

A receipt is a record and no proof: it is signed by nobody, and whoever holds it can change it.
What it says is worth as much as a replay of it. It holds no observation, no code and nothing that
the submission printed.
"""

from __future__ import annotations

import ast
import hashlib
import json
import platform
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

from graders.errors import GraderError
from graders.exercise import CheckSpec, Exercise
from graders.model import Report, Verdict

FORMAT = "graders-receipt-1"
_MOST_BYTES = 1 << 20
_SEEDS = 2**63
_DEVICES = ("cpu", "cuda")
_TEXTS = (
    "exercise",
    "exercise_hash",
    "only_check",
    "submission_sha256",
    "device",
    "torch_version",
    "python_version",
    "level",
)
_REMEDY = "Write a new one with `graders grade EXERCISE FILE --receipt RECEIPT`."


class ReceiptError(GraderError):
    """A receipt that cannot be used; its message names the file and what to do."""

    def __init__(self, path: Path, message: str) -> None:
        super().__init__(f"{path}: {message} {_REMEDY}")


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckRecord:
    """What a receipt keeps of one check.

    Attributes:
        name: the check's identifier.
        hash: of its declaration and code, where an author changes nothing of it.
        verdict: how it ended.
    """

    name: str
    hash: str
    verdict: Verdict


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """What is needed to repeat one grading.

    Attributes:
        exercise: the exercise's key, `lesson/exercise`.
        exercise_hash: of the files that make the exercise.
        checks: one record per check that was to be made.
        only_check: the name of the only check that was made, or empty for all.
        submission_sha256: of the graded file's bytes.
        verdict, score: the outcome; the score lies in [0, 1].
        seed, device: what to grade with again.
        torch_version, python_version, level: what it was graded with.
    """

    exercise: str
    exercise_hash: str
    checks: tuple[CheckRecord, ...]
    only_check: str
    submission_sha256: str
    verdict: Verdict
    score: float
    seed: int
    device: str
    torch_version: str
    python_version: str
    level: str

    def to_json(self) -> str:
        """Return the text of the file."""
        return json.dumps({"format": FORMAT, **asdict(self)}, indent=2) + "\n"


def make_receipt(
    exercise: Exercise, report: Report, source: bytes, *, only_check: str | None = None
) -> Receipt:
    """Return the receipt of a grading.

    Args:
        exercise: what was to be solved, as it was when it was graded.
        report: the outcome.
        source: the graded file's bytes.
        only_check: the only check that was asked for, None for all.
    """
    hashes = hash_checks(exercise)
    return Receipt(
        exercise=report.exercise,
        exercise_hash=report.exercise_hash,
        checks=tuple(
            CheckRecord(name=check.name, hash=hashes[check.name], verdict=check.verdict)
            for check in report.checks
        ),
        only_check=only_check or "",
        submission_sha256=hashlib.sha256(source).hexdigest(),
        verdict=report.verdict,
        score=report.score,
        seed=report.seed,
        device=report.device,
        torch_version=report.torch_version,
        python_version=platform.python_version(),
        level=report.level,
    )


def hash_checks(exercise: Exercise) -> dict[str, str]:
    """Return a hash for each check by its name: of its settings and of its own function's text.

    Moving a check within the file does not change it; changing a helper that it calls does not
    either, but changes the exercise's hash.
    """
    functions = _find_functions(exercise.checks_source)
    return {spec.name: _hash_check(spec, functions) for spec in exercise.checks}


def load_receipt(path: Path) -> Receipt:
    """Read a receipt.

    Raises:
        ReceiptError: with the place of the first fault and what to do.
    """
    data = _load_json(path)
    if data.get("format") != FORMAT:
        found = str(data.get("format"))[:40]
        raise ReceiptError(path, f"its format is {found}; this reads {FORMAT}.")
    try:
        return _parse(path, data)
    except KeyError as error:
        raise ReceiptError(path, f"{error.args[0]} is missing.") from error


def say_changes(receipt: Receipt, current: Receipt) -> list[str]:
    """Say in words what is not as it was when the receipt was written; an empty list if nothing.

    Args:
        receipt: what was read.
        current: the receipt of the same grading made again.
    """
    changes = []
    if receipt.exercise_hash != current.exercise_hash:
        changes.append(_say_exercise(receipt, current))
    if receipt.submission_sha256 != current.submission_sha256:
        changes.append("the submission is not the file that the receipt is about")
    was_now = {
        "torch": (receipt.torch_version, current.torch_version),
        "Python": (receipt.python_version, current.python_version),
        "the containment level": (receipt.level, current.level),
    }
    changes += [f"{name} was {was}, is {now}" for name, (was, now) in was_now.items() if was != now]
    return changes


def say_outcomes(receipt: Receipt, current: Receipt) -> list[str]:
    """Say in words which outcomes are not what the receipt says; an empty list if they all are."""
    outcomes = []
    if receipt.verdict is not current.verdict:
        outcomes.append(f"the verdict was {receipt.verdict}, is {current.verdict}")
    before = {record.name: record.verdict for record in receipt.checks}
    after = {record.name: record.verdict for record in current.checks}
    outcomes += [
        f"{name} was {verdict}, is {after.get(name, 'no check any more')}"
        for name, verdict in before.items()
        if after.get(name) is not verdict
    ]
    outcomes += [f"{name} is new, and {after[name]}" for name in after if name not in before]
    if receipt.score != current.score:
        outcomes.append(f"the score was {receipt.score:.1%}, is {current.score:.1%}")
    return outcomes


def _say_exercise(receipt: Receipt, current: Receipt) -> str:
    before = {record.name: record.hash for record in receipt.checks}
    changed = [
        record.name for record in current.checks if before.get(record.name) not in ("", record.hash)
    ]
    gone = sorted(set(before) - {record.name for record in current.checks})
    what = [f"changed or new checks: {', '.join(changed)}"] if changed else []
    what += [f"checks that are gone: {', '.join(gone)}"] if gone else []
    told = "; ".join(what) or "no check's own text, but the reference, the statement or a helper"
    return f"the exercise has changed ({told})"


def _find_functions(source: str) -> dict[str, str]:
    lines = source.split("\n")
    return {
        node.name: "\n".join(lines[node.lineno - 1 : node.end_lineno])
        for node in ast.parse(source).body
        if isinstance(node, ast.FunctionDef)
    }


def _hash_check(spec: CheckSpec, functions: Mapping[str, str]) -> str:
    """Hash what an author wrote; where it stands in the file is left out."""
    settings = {
        entry.name: getattr(spec, entry.name)
        for entry in fields(spec)
        if entry.name not in ("line", "source")
    }
    text = spec.source.strip("\n") if spec.source else functions[spec.name]
    return hashlib.sha256(f"{sorted(settings.items())}\n{text}".encode()).hexdigest()


def _load_json(path: Path) -> dict[str, Any]:
    try:
        with path.open("rb") as file:
            data = file.read(_MOST_BYTES + 1)
    except OSError as error:
        raise ReceiptError(path, f"cannot be read ({error.strerror}).") from error
    if len(data) > _MOST_BYTES:
        raise ReceiptError(path, "is far too long for a receipt.")
    try:
        parsed = json.loads(data.decode("utf-8"))
    except json.JSONDecodeError as error:
        place = f"line {error.lineno}, column {error.colno}"
        raise ReceiptError(path, f"is no JSON: {error.msg} at {place}.") from error
    except (ValueError, RecursionError) as error:  # not UTF-8, too deep, an endless number
        raise ReceiptError(path, "is no JSON text.") from error
    if not isinstance(parsed, dict):
        raise ReceiptError(path, "is no receipt: it must be a map of names to values.")
    return parsed


def _parse(path: Path, data: Mapping[str, Any]) -> Receipt:
    checks = _require(path, data, "checks", list)
    seed = _require(path, data, "seed", int)
    if not 0 <= seed < _SEEDS:
        raise ReceiptError(path, "seed must lie between 0 and 2**63 - 1.")
    if data["device"] not in _DEVICES:
        told = repr(data["device"])[:40]
        raise ReceiptError(path, f"device is {told}, which is neither cpu nor cuda.")
    return Receipt(
        **{name: _require(path, data, name, str) for name in _TEXTS},
        checks=tuple(_parse_check(path, number, entry) for number, entry in enumerate(checks)),
        verdict=_parse_verdict(path, data, "verdict"),
        score=float(_require(path, data, "score", int, float)),
        seed=seed,
    )


def _parse_check(path: Path, number: int, entry: object) -> CheckRecord:
    if not isinstance(entry, dict):
        raise ReceiptError(path, f"checks[{number}] must be a map of names to values.")
    return CheckRecord(
        name=_require(path, entry, "name", str),
        hash=_require(path, entry, "hash", str),
        verdict=_parse_verdict(path, entry, "verdict"),
    )


def _parse_verdict(path: Path, data: Mapping[str, Any], key: str) -> Verdict:
    text = _require(path, data, key, str)
    try:
        return Verdict(text)
    except ValueError as error:
        raise ReceiptError(path, f"{key} is {text[:40]!r}, which is no verdict.") from error


def _require(path: Path, data: Mapping[str, Any], key: str, *types: type) -> Any:  # noqa: ANN401
    value = data[key]
    if isinstance(value, bool) or not isinstance(value, types):
        names = " or ".join(kind.__name__ for kind in types)
        raise ReceiptError(path, f"{key} must be of type {names}.")
    return value
