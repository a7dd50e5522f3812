"""What `checks.py` declares, read from its syntax tree: an author's code is not run here."""

from __future__ import annotations

import ast
import math
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from graders.errors import ExerciseError

DEVICES = ("cpu", "cuda")
Function = ast.FunctionDef


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckSpec:
    """One check as its author declared it; see `graders.check` for what the settings mean.

    Attributes:
        name: the function's name.
        sentence: its docstring on one line, for the learner.
        after: names of the checks that must have passed.
        devices: where it runs; empty for all devices of the exercise.
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
    line: int = 1
    source: str = field(default="", repr=False)

    def runs_on(self, device: str) -> bool:
        """Whether the check is made on this device."""
        return not self.devices or device in self.devices


@dataclass(frozen=True, slots=True, kw_only=True)
class ChecksFile:
    """A parsed `checks.py`.

    Attributes:
        checks: visible ones first, each kind in the order of the file.
        visible_source: the file with empty lines in place of its hidden checks, and of comments
            between definitions, which may tell of them.
    """

    checks: tuple[CheckSpec, ...]
    visible_source: str = field(repr=False)


def parse_checks(path: Path, source: str) -> ChecksFile:
    """Read the checks that a file declares.

    Raises:
        ExerciseError: with the line, for a syntax error or anything that `check` does not take.
    """
    tree = parse_module(path, source)
    pairs: list[tuple[CheckSpec, Function]] = []
    for node in tree.body:
        if isinstance(node, Function) and (decorator := _find_decorator(node)) is not None:
            pairs.append((_spec(path, source, node, decorator, [s for s, _ in pairs]), node))
    checks = [spec for spec, _ in pairs]
    if not sum(spec.points for spec in checks):
        raise ExerciseError(path, 1, "no check is worth any points; mark functions with @check")
    hidden = [node for spec, node in pairs if spec.hidden]
    return ChecksFile(
        checks=tuple(sorted(checks, key=lambda spec: spec.hidden)),
        visible_source=_only(source, [node for node in tree.body if node not in hidden]),
    )


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
    settings = _settings(path, decorator)
    spec = CheckSpec(
        name=node.name,
        sentence=_sentence(path, node),
        line=node.lineno,
        source=_isolated(source, node) if settings.get("hidden") else "",
        **settings,  # type: ignore[arg-type]  # each was read by its own reader below
    )
    _require_order(path, decorator.lineno, spec, earlier)
    return spec


def _require_signature(path: Path, node: Function) -> None:
    names = [argument.arg for argument in node.args.posonlyargs + node.args.args]
    if names != ["solution", "draw"]:
        raise ExerciseError(path, node.lineno, f"{node.name} must take (solution, draw)")


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


def _settings(path: Path, decorator: ast.expr) -> dict[str, object]:
    if not isinstance(decorator, ast.Call):
        return {}
    if decorator.args:
        raise ExerciseError(path, decorator.lineno, "check takes keywords only: @check(points=2)")
    settings = {}
    for keyword in decorator.keywords:
        reader = _READERS.get(keyword.arg or "")
        if reader is None:
            known = ", ".join(_READERS)
            message = f"check has no setting {keyword.arg}; there are {known}"
            raise ExerciseError(path, keyword.value.lineno, message)
        try:
            settings[str(keyword.arg)] = reader(keyword.value)
        except ValueError as error:
            message = f"{keyword.arg} must be {error}"
            raise ExerciseError(path, keyword.value.lineno, message) from error
    return settings


def _literal(node: ast.expr) -> object:
    try:
        return ast.literal_eval(node)
    except ValueError:
        return ...


def _read_number(node: ast.expr) -> float:
    value = _literal(node)
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < math.inf:
        raise ValueError("a number that is not negative")
    return float(value)


def _read_bool(node: ast.expr) -> bool:
    value = _literal(node)
    if not isinstance(value, bool):
        raise ValueError("True or False")  # noqa: TRY004 - one kind of error for all readers
    return value


def _read_devices(node: ast.expr) -> tuple[str, ...]:
    value = _literal(node)
    devices = (value,) if isinstance(value, str) else value
    if not isinstance(devices, tuple | list) or not devices or not set(devices) <= set(DEVICES):
        raise ValueError(f"some of {', '.join(DEVICES)}")
    return tuple(devices)


def _read_names(node: ast.expr) -> tuple[str, ...]:
    entries = node.elts if isinstance(node, ast.Tuple | ast.List) else [node]
    names = tuple(entry.id for entry in entries if isinstance(entry, ast.Name))
    if len(names) != len(entries):
        raise ValueError("a check of this file, or a tuple of them")
    return names


_READERS: dict[str, Callable[[ast.expr], object]] = {
    "points": _read_number,
    "after": _read_names,
    "hidden": _read_bool,
    "tolerance": _read_number,
    "devices": _read_devices,
    "structural": _read_bool,
}


def _isolated(source: str, node: Function) -> str:
    lines = _lines(source)[node.lineno - 1 : node.end_lineno]
    return "\n" * (node.lineno - 1) + "\n".join(lines) + "\n"


def _only(source: str, nodes: list[ast.stmt]) -> str:
    """Return the lines of these statements and nothing else, each at its place."""
    lines = _lines(source)
    kept = [""] * len(lines)
    for node in nodes:
        decorators = getattr(node, "decorator_list", [])
        first = min([node.lineno, *(decorator.lineno for decorator in decorators)]) - 1
        kept[first : node.end_lineno] = lines[first : node.end_lineno]
    return "\n".join(kept) + "\n"


def _lines(source: str) -> list[str]:
    """Split as Python's parser counts: `splitlines` would also split at form feeds and others."""
    return source.split("\n")
