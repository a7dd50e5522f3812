"""The judge that a check names, read from the syntax tree: `judge=judges.at_least(0.9)`."""

from __future__ import annotations

import ast
import math
from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Parameter:
    """One argument of a judge of the library: a number from `low` (excluded) to `high`.

    Attributes:
        default: what it is where the author gives none; None for one that must be given. A
            default may lie at `low`, to switch off what the argument stands for.
    """

    name: str
    default: float | None
    low: float = 0.0
    high: float = math.inf


LIBRARY: Mapping[str, tuple[Parameter, ...]] = {
    "close": (Parameter("relative", 0.0), Parameter("absolute", 0.0)),
    "at_most": (Parameter("factor", 1.0),),
    "at_least": (Parameter("factor", 1.0),),
    "accuracy_at_least": (Parameter("share", None, high=1.0),),
    "error_at_most": (Parameter("factor", None), Parameter("absolute", 0.0)),
    "in_any_order": (),
    "same_partition": (),
}
"""The judges of `graders.judges` and what each takes; `graders.judge` has what they do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgeSpec:
    """How a check's two observations are judged.

    Attributes:
        name: a judge of the library, or a function of `checks.py`.
        arguments: of a judge of the library, by name, defaults included.
        is_own: whether it is a function of the author's.
        source: of an own function, preceded by as many empty lines as keep its line numbers.
        line: of the own function's `def`.
    """

    name: str
    arguments: Mapping[str, float] = field(default_factory=dict)
    is_own: bool = False
    source: str = field(default="", repr=False)
    line: int = 0


def read_judge(node: ast.expr) -> JudgeSpec:
    """Read the argument `judge=`; an own function comes back without its source.

    Raises:
        ValueError: with what it must be instead.
    """
    if isinstance(node, ast.Name):
        return JudgeSpec(name=node.id, is_own=True)
    if isinstance(node, ast.Call) and (name := _name_in_library(node.func)):
        return _read_call(node, name)
    known = ", ".join(LIBRARY)
    raise ValueError(
        "a call such as judges.at_least(0.9), or the name of a function (expected, got) of this "
        f"file; judges has {known}"
    )


def _name_in_library(node: ast.expr) -> str:
    """Return X of `judges.X`, or nothing."""
    if not isinstance(node, ast.Attribute) or not isinstance(node.value, ast.Name):
        return ""
    return node.attr if node.value.id == "judges" else ""


def _read_call(node: ast.Call, name: str) -> JudgeSpec:
    parameters = LIBRARY.get(name)
    if parameters is None:
        raise ValueError(f"one of judges.{', judges.'.join(LIBRARY)}")
    given = _pair_arguments(node, name, parameters)
    arguments = {}
    for parameter in parameters:
        value = given.pop(parameter.name, None)
        arguments[parameter.name] = _read_argument(name, parameter, value)
    if given:
        raise ValueError(f"judges.{name} without {', '.join(given)}: {_say_signature(name)}")
    if name == "close" and not any(arguments.values()):
        raise ValueError("judges.close with relative= or absolute= above 0")
    return JudgeSpec(name=name, arguments=arguments)


def _pair_arguments(
    node: ast.Call, name: str, parameters: tuple[Parameter, ...]
) -> dict[str, ast.expr]:
    """Return the arguments by name, as Python would bind them."""
    if len(node.args) > len(parameters) or any(keyword.arg is None for keyword in node.keywords):
        raise ValueError(_say_signature(name))
    given = {parameter.name: value for parameter, value in zip(parameters, node.args, strict=False)}
    for keyword in node.keywords:
        if keyword.arg in given:
            raise ValueError(f"judges.{name} with {keyword.arg} once")
        given[str(keyword.arg)] = keyword.value
    return given


def _read_argument(name: str, parameter: Parameter, node: ast.expr | None) -> float:
    if node is None:
        if parameter.default is None:
            raise ValueError(_say_signature(name))
        return parameter.default
    try:
        value = ast.literal_eval(node)
    except ValueError:
        value = None
    if isinstance(value, bool) or not isinstance(value, int | float):
        message = f"judges.{name} with a literal number as {parameter.name}"
        raise ValueError(message)  # noqa: TRY004 - one kind of error for all readers
    if not (parameter.low < value <= parameter.high and math.isfinite(value)):
        upper = f" and at most {parameter.high:g}" if math.isfinite(parameter.high) else ""
        raise ValueError(f"judges.{name} with {parameter.name} above {parameter.low:g}{upper}")
    return float(value)


def _say_signature(name: str) -> str:
    told = [
        one.name if one.default is None else f"{one.name}={one.default:g}" for one in LIBRARY[name]
    ]
    return f"judges.{name}({', '.join(told)})"
