"""What `checks.py` declares, read from its syntax tree: an author's code is not run here."""

from __future__ import annotations

import ast
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from graders.errors import ExerciseError
from graders.exercise.check_settings import read_settings
from graders.exercise.judge_specs import JudgeSpec
from graders.exercise.sources import isolate, keep_only
from graders.model import Limits

Function = ast.FunctionDef
_TAKE_TOLERANCE = ("in_any_order",)


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckSpec:
    """One check as its author declared it; see `graders.check` for what the settings mean.

    Attributes:
        name: the function's name.
        sentence: its docstring on one line, for the learner.
        after: names of the checks that must have passed.
        devices: where it runs; empty for all devices of the exercise.
        wall_s: seconds on the clock for this check; None for the exercise's own limit.
        judge: how it is judged; None for equality with the reference.
        line: of its `def`.
        source: a hidden check's function without decorators, preceded by as many empty lines as
            keep its line numbers; empty for a visible one, whose code is sent with the others.
    """

    name: str
    sentence: str
    points: float = 1.0
    after: tuple[str, ...] = ()
    hidden: bool = False
    tolerance: float | None = None
    devices: tuple[str, ...] = ()
    structural: bool = False
    wall_s: float | None = None
    judge: JudgeSpec | None = None
    line: int = 1
    source: str = field(default="", repr=False)

    def limits(self, limits: Limits) -> Limits:
        """Return the limits of this check, given those of the exercise."""
        return limits if self.wall_s is None else replace(limits, wall_s=self.wall_s)

    def runs_on(self, device: str) -> bool:
        """Whether the check is made on this device."""
        return not self.devices or device in self.devices


@dataclass(frozen=True, slots=True, kw_only=True)
class ChecksFile:
    """A parsed `checks.py`.

    Attributes:
        checks: visible ones first, each kind in the order of the file.
        visible_source: what a jail is told: the file with empty lines in place of its hidden
            checks, its judges, the decorators of its checks, and the comments between definitions.
    """

    checks: tuple[CheckSpec, ...]
    visible_source: str = field(repr=False)


def parse_checks(path: Path, source: str) -> ChecksFile:
    """Read the checks that a file declares.

    Raises:
        ExerciseError: with the line, for a syntax error or anything that `check` does not take.
    """
    tree = parse_module(path, source)
    functions = {node.name: node for node in tree.body if isinstance(node, Function)}
    checks: list[CheckSpec] = []
    for node in tree.body:
        if isinstance(node, Function) and (decorator := _find_decorator(node)) is not None:
            spec = _spec(path, source, node, decorator, checks)
            checks.append(_with_judge(path, source, spec, functions, decorator))
    if not sum(spec.points for spec in checks):
        raise ExerciseError(path, 1, "no check is worth any points; mark functions with @check")
    judges = {spec.judge.name for spec in checks if spec.judge is not None and spec.judge.is_own}
    _require_unused(path, tree, judges)
    return ChecksFile(
        checks=tuple(sorted(checks, key=lambda spec: spec.hidden)),
        visible_source=_visible(
            source, tree, judges | {spec.name for spec in checks if spec.hidden}
        ),
    )


def _visible(source: str, tree: ast.Module, withheld: Collection[str]) -> str:
    """Return the file without these functions and without what `check` is told of the others."""
    kept = [
        node for node in tree.body if not (isinstance(node, Function) and node.name in withheld)
    ]
    decorators = [_find_decorator(node) for node in kept if isinstance(node, Function)]
    return keep_only(source, kept, [found for found in decorators if found is not None])


def parse_module(path: Path, source: str) -> ast.Module:
    """Parse an author's file.

    Raises:
        ExerciseError: on the line of a syntax error.
    """
    try:
        return ast.parse(source, filename=str(path))
    except (SyntaxError, ValueError) as error:
        line = getattr(error, "lineno", None)
        raise ExerciseError(path, line, f"syntax error: {error.args[0]}") from error


def _find_decorator(node: Function) -> ast.expr | None:
    for decorator in node.decorator_list:
        target = decorator.func if isinstance(decorator, ast.Call) else decorator
        if isinstance(target, ast.Name) and target.id == "check":
            return decorator
    return None


def _spec(
    path: Path,
    source: str,
    node: Function,
    decorator: ast.expr,
    earlier: list[CheckSpec],
) -> CheckSpec:
    _require_signature(path, node)
    if node.name in {spec.name for spec in earlier}:
        raise ExerciseError(path, node.lineno, f"there is already a check named {node.name}")
    settings = read_settings(path, decorator)
    spec = CheckSpec(
        name=node.name,
        sentence=_sentence(path, node),
        line=node.lineno,
        source=isolate(source, node) if settings.get("hidden") else "",
        **settings,  # type: ignore[arg-type]  # each was read by its own reader below
    )
    _require_order(path, decorator.lineno, spec, earlier)
    _require_tolerance_used(path, decorator.lineno, spec)
    return spec


def _with_judge(
    path: Path,
    source: str,
    spec: CheckSpec,
    functions: Mapping[str, Function],
    decorator: ast.expr,
) -> CheckSpec:
    """Give a check the source of the author's own judge that it names, if it names one."""
    if spec.judge is None or not spec.judge.is_own:
        return spec
    name, line = spec.judge.name, decorator.lineno
    node = functions.get(name)
    if node is None:
        raise ExerciseError(path, line, f"judge={name}: this file defines no such function")
    if node.decorator_list or _parameters(node) != ["expected", "got"]:
        message = f"{name} judges a check: it must take (expected, got) and have no decorator"
        raise ExerciseError(path, node.lineno, message)
    judge = replace(spec.judge, source=isolate(source, node), line=node.lineno)
    return replace(spec, judge=judge)


def _require_unused(path: Path, tree: ast.Module, judges: Collection[str]) -> None:
    """Refuse that a scenario uses a judge: no jail of a submission is ever told one."""
    decorators = {
        id(inner)
        for node in tree.body
        if isinstance(node, Function) and (decorator := _find_decorator(node))
        for inner in ast.walk(decorator)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and node.id in judges and id(node) not in decorators:
            message = f"{node.id} judges a check and is sent to no submission's jail; do not use it"
            raise ExerciseError(path, node.lineno, message)


def _require_tolerance_used(path: Path, line: int, spec: CheckSpec) -> None:
    if spec.tolerance is None or spec.judge is None or spec.judge.name in _TAKE_TOLERANCE:
        return
    message = (
        f"tolerance= means nothing to the judge {spec.judge.name}; leave it out, or say "
        "judge=judges.close(relative=…, absolute=…)"
    )
    raise ExerciseError(path, line, message)


def _require_signature(path: Path, node: Function) -> None:
    if _parameters(node) != ["solution", "draw"]:
        raise ExerciseError(path, node.lineno, f"{node.name} must take (solution, draw)")


def _parameters(node: Function) -> list[str]:
    return [argument.arg for argument in node.args.posonlyargs + node.args.args]


def _sentence(path: Path, node: Function) -> str:
    sentence = " ".join((ast.get_docstring(node) or "").split())
    if not sentence:
        message = f"{node.name} needs a docstring: the sentence that the learner reads"
        raise ExerciseError(path, node.lineno, message)
    return sentence


def _require_order(path: Path, line: int, spec: CheckSpec, earlier: list[CheckSpec]) -> None:
    known = {other.name: other for other in earlier}
    for name in spec.after:
        if name not in known:
            raise ExerciseError(path, line, f"after={name}: no check above has this name")
        if known[name].hidden and not spec.hidden:
            message = f"after={name}: hidden checks run last, so a visible one cannot wait for it"
            raise ExerciseError(path, line, message)
