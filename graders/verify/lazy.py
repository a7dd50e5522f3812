"""Lazy submissions: what somebody would hand in to earn points without solving anything."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import libcst as cst

from graders.exercise import Exercise
from graders.model import Verdict
from graders.verify.grades import SEEDS, Grades
from graders.verify.operators import parse
from graders.verify.places import place_of

_TOLD = 2
_RETURNED = {
    "returns None": "None",
    "returns 0": "0",
    "returns 1.0": "1.0",
    "returns True": "True",
    "returns an empty list": "[]",
    "returns its first argument": "given[0] if given else None",
    "returns its last argument": "given[-1] if given else None",
    "returns torch.zeros(())": "torch.zeros(())",
    "returns a zero with a graph": "torch.zeros((), requires_grad=True) * 1",
}
_FUNCTION = """
def {name}(*args, **kwargs):
    given = [*args, *kwargs.values()]
    return {returned}
"""
# The bases may want arguments of their own: those given, a pair as an optimizer does, or none.
_CLASS = """
class {name}({bases}):
    def __init__(self, *args, **kwargs):
        for chosen, named in ((args, kwargs), ((*args[:1], kwargs), {{}}), ((), {{}})):
            try:
                return super().__init__(*chosen, **named)
            except Exception:
                continue
"""
_METHOD = """
    def {name}(self, *args, **kwargs):
        given = [*args, *kwargs.values()]
        return {returned}
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Lazy:
    """A submission that solves nothing.

    Attributes:
        name: what it does, in words.
        source: the file.
    """

    name: str
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Earned:
    """What a lazy submission earned.

    Attributes:
        name: of the submission.
        checks: those that it passed under some seed, without those declared structural.
        share: points earned over points possible, at the most.
    """

    name: str
    checks: tuple[str, ...]
    share: float


def make_lazy(exercise: Exercise) -> tuple[Lazy, ...]:
    """Return the lazy submissions of an exercise: every entry does the same next to nothing.

    A function takes anything and returns a constant or an argument. A class has its bases and the
    names of its methods, each of which does likewise.
    """
    module = parse(exercise.reference)
    imports = "".join(_code(line) for line in module.body if _is_import(line))
    definitions = {
        node.name.value: node
        for node in module.body
        if isinstance(node, cst.FunctionDef | cst.ClassDef)
    }
    return tuple(
        Lazy(
            name=name,
            source=imports
            + ("import torch\n" if "torch" in returned else "")
            + "".join(_idle(definitions[entry], returned) for entry in exercise.entry),
        )
        for name, returned in _RETURNED.items()
    )


def grade_lazy(exercise: Exercise, grader: Grades, lazy: Lazy) -> Earned:
    """Grade a lazy submission under each seed."""
    structural = {spec.name for spec in exercise.checks if spec.structural or not spec.points}
    passed: set[str] = set()
    share = 0.0
    for seed in SEEDS:
        report = grader.grade(exercise, lazy.source.encode(), seed=seed)
        found = (entry.name for entry in report.checks if entry.verdict is Verdict.ACCEPTED)
        passed.update(name for name in found if name not in structural)
        share = max(share, report.score)
    names = tuple(spec.name for spec in exercise.checks if spec.name in passed)
    return Earned(name=lazy.name, checks=names, share=share)


def find_free_points(exercise: Exercise, earned: Iterable[Earned]) -> list[str]:
    """Return a problem for each check that is passed without solving anything."""
    ways: dict[str, list[str]] = {}
    for entry in earned:
        for check in entry.checks:
            ways.setdefault(check, []).append(entry.name)
    return [
        f"{place_of(exercise.get_check(check))}: passed by a submission that {_join(names)}; "
        "let it wait (`after=`) for a check that such a submission fails, or observe the result "
        "as well"
        for check, names in ways.items()
    ]


def _join(names: list[str]) -> str:
    more = [f"{len(names) - _TOLD} more"] if len(names) > _TOLD else []
    return " or ".join([*names[:_TOLD], *more])


def _idle(node: cst.FunctionDef | cst.ClassDef, returned: str) -> str:
    if isinstance(node, cst.FunctionDef):
        return _FUNCTION.format(name=node.name.value, returned=returned)
    bases = ", ".join(
        _code(base.with_changes(comma=cst.MaybeSentinel.DEFAULT)) for base in node.bases
    )
    methods = [child.name.value for child in node.body.body if isinstance(child, cst.FunctionDef)]
    plain = [name for name in methods if name != "__init__"]
    body = "".join(_METHOD.format(name=name, returned=returned) for name in plain)
    return _CLASS.format(name=node.name.value, bases=bases) + body


def _is_import(statement: cst.CSTNode) -> bool:
    return isinstance(statement, cst.SimpleStatementLine) and all(
        isinstance(small, cst.Import | cst.ImportFrom) for small in statement.body
    )


def _code(node: cst.CSTNode) -> str:
    return cst.Module([]).code_for_node(node)
