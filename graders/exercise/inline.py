"""An exercise from texts that stand elsewhere than in a folder of their own, such as a bank."""

from __future__ import annotations

import ast
import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from graders.errors import ExerciseError
from graders.exercise.check_specs import ChecksFile, parse_checks, parse_module
from graders.exercise.loading import Exercise
from graders.exercise.samples import Sample, make_sample
from graders.model import Limits, Verdict

CHECKS, REFERENCE = Path("checks.py"), Path("reference.py")
"""How errors name the texts: their lines count from the first line of the text."""

_DEVICE = "cpu"


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownSubmission:
    """A submission of which it is known whether it is right.

    Attributes:
        name: how errors name it; unique in its exercise.
        misconception: tag of the mistake that it stands for, or empty.
    """

    name: str
    source: str = field(repr=False)
    is_right: bool
    misconception: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ExerciseTexts:
    """What makes an exercise; its repr shows neither the reference nor the checks' code.

    Attributes:
        key: `lesson/exercise`, unique.
        starter, reference, checks: whole files, as in a folder.
        misconceptions: tag to the sentence that a learner is told.
        folder: where the file lies that it stands in.
    """

    key: str
    title: str
    statement: str
    starter: str = field(repr=False)
    reference: str = field(repr=False)
    checks: str = field(repr=False)
    folder: Path
    difficulty: int = 2
    tags: tuple[str, ...] = ()
    misconceptions: Mapping[str, str] = field(default_factory=dict)
    known: tuple[KnownSubmission, ...] = field(default=(), repr=False)


def make_exercise(texts: ExerciseTexts) -> Exercise:
    """Make an exercise. Nothing in it is run.

    A submission must define the names that the checks use as `solution.name`. It is graded on the
    CPU within the usual limits; a check may set its own `limits=`. Hints and notes on the solution
    are told by whoever shows the exercise.

    Raises:
        ExerciseError: whose path is CHECKS, REFERENCE or the name of a known submission.
    """
    checks = parse_checks(CHECKS, texts.checks)
    _require_cpu(checks)
    entry = _find_entry(texts)
    lesson, _, name = texts.key.partition("/")
    return Exercise(
        key=texts.key,
        id=name,
        title=texts.title,
        lesson=lesson,
        difficulty=texts.difficulty,
        tags=texts.tags,
        entry=entry,
        limits=Limits(),
        devices=(_DEVICE,),
        forbid=(),
        misconceptions=texts.misconceptions,
        statement=texts.statement,
        hints=(),
        solution="",
        mistakes="",
        starter=texts.starter,
        reference=texts.reference,
        checks=checks.checks,
        checks_source=checks.visible_source,
        submissions=tuple(_make_sample(one, texts, checks) for one in texts.known),
        hash=_hash(texts),
        folder=texts.folder,
    )


def _require_cpu(checks: ChecksFile) -> None:
    for spec in checks.checks:
        if any(device != _DEVICE for device in spec.devices):
            message = f"{spec.name} is made on the CPU only; leave devices= out"
            raise ExerciseError(CHECKS, spec.line, message)


def _find_entry(texts: ExerciseTexts) -> tuple[str, ...]:
    """Return the names that the checks use of a submission, in the order of the file."""
    tree = parse_module(REFERENCE, texts.reference)
    defined = {node.name for node in tree.body if isinstance(node, ast.FunctionDef | ast.ClassDef)}
    used = _list_used(parse_module(CHECKS, texts.checks))
    if not used:
        message = "the checks use nothing of the submission; call what it defines: solution.name()"
        raise ExerciseError(CHECKS, 1, message)
    for name, line in used.items():
        if name not in defined:
            message = f"the solution defines no function or class {name} at its top level"
            raise ExerciseError(CHECKS, line, message)
    return tuple(used)


def _list_used(tree: ast.Module) -> dict[str, int]:
    """Return every X of `solution.X` with the first line where it is used."""
    used: dict[str, int] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and _is_submission(node.value):
            used[node.attr] = min(node.lineno, used.get(node.attr, node.lineno))
    return dict(sorted(used.items(), key=lambda pair: pair[1]))


def _is_submission(node: ast.expr) -> bool:
    return isinstance(node, ast.Name) and node.id == "solution"


def _make_sample(one: KnownSubmission, texts: ExerciseTexts, checks: ChecksFile) -> Sample:
    sample = make_sample(
        Path(one.name),
        one.source.encode(),
        verdict=Verdict.ACCEPTED if one.is_right else Verdict.WRONG,
        checks=[spec.name for spec in checks.checks],
        misconceptions=texts.misconceptions,
    )
    return replace(sample, misconception=sample.misconception or one.misconception)


def _hash(texts: ExerciseTexts) -> str:
    """Hash what a learner is asked and what grades it."""
    parts: Sequence[str] = (
        texts.key,
        texts.title,
        texts.statement,
        texts.starter,
        texts.reference,
        texts.checks,
    )
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()
