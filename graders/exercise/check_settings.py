"""The arguments of `@check(...)`, read from the syntax tree: each has a reader of its own."""

from __future__ import annotations

import ast
import math
from collections.abc import Callable
from pathlib import Path

from graders.errors import ExerciseError
from graders.exercise.judge_specs import read_judge

DEVICES = ("cpu", "cuda")
MOST_WALL_S = 300.0


def read_settings(path: Path, decorator: ast.expr) -> dict[str, object]:
    """Return what a `@check(...)` sets, under the names of `CheckSpec`'s fields.

    Raises:
        ExerciseError: on the line of a setting that is unknown or of another form.
    """
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
            name = str(keyword.arg)
            settings[_FIELDS.get(name, name)] = reader(keyword.value)
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
        raise ValueError("a literal number that is not negative")
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


def _read_limits(node: ast.expr) -> float:
    value = _literal(node)
    wanted = '{"wall_s": seconds}: the other limits are for a whole submission, in exercise.md'
    if not isinstance(value, dict) or list(value) != ["wall_s"]:
        raise ValueError(wanted)
    wall_s = value["wall_s"]
    if isinstance(wall_s, bool) or not isinstance(wall_s, int | float):
        raise ValueError(wanted)  # noqa: TRY004 - one kind of error for all readers
    if not 0 < wall_s <= MOST_WALL_S:
        raise ValueError(f"{{'wall_s': seconds}} above 0 and at most {MOST_WALL_S:g}")
    return float(wall_s)


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
    "limits": _read_limits,
    "judge": read_judge,
}
_FIELDS = {"limits": "wall_s"}
