"""The front matter of `exercise.md`: YAML between two `---` lines, strings only."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import yaml

from graders.errors import ExerciseError
from graders.exercise.faults import Faults

Value = str | tuple[str, ...] | dict[str, str]

REQUIRED = ("format", "id", "title", "lesson", "entry")
OPTIONAL = ("difficulty", "tags", "limits", "devices", "forbid", "misconceptions", "source")


@dataclass(frozen=True, slots=True)
class FrontMatter:
    """Keys and values as strings, lists of strings or maps of strings, each with its line."""

    path: Path
    values: Mapping[str, Value]
    lines: Mapping[str, int]

    def fail(self, key: str, message: str) -> ExerciseError:
        """Return an error on the line of `key`."""
        return ExerciseError(self.path, self.lines.get(key, 1), message)

    def text(self, key: str, default: str = "") -> str:
        """Return a string value."""
        value = self.values.get(key, default)
        if not isinstance(value, str):
            raise self.fail(key, f"{key} must be a single value")
        return value

    def items(self, key: str) -> tuple[str, ...]:
        """Return a list of strings; a single value is a list of one."""
        value = self.values.get(key, ())
        if isinstance(value, dict):
            raise self.fail(key, f"{key} must be a list, such as [one, two]")
        return (value,) if isinstance(value, str) else value

    def mapping(self, key: str) -> dict[str, str]:
        """Return a map of strings."""
        value = self.values.get(key, {})
        if not isinstance(value, dict):
            raise self.fail(key, f"{key} must be a map of names to values")
        return value


def split_front_matter(path: Path, text: str) -> tuple[FrontMatter, str, int]:
    """Split a file into front matter and body.

    Returns:
        the front matter, the body, and the line of the body's first line.

    Raises:
        ExerciseError: with the line at fault.
    """
    lines = text.splitlines(keepends=True)
    if not lines or lines[0].rstrip() != "---":
        raise ExerciseError(path, 1, "the file must start with front matter between two --- lines")
    for number, line in enumerate(lines[1:], start=2):
        if line.rstrip() == "---":
            front = _parse(path, "".join(lines[1 : number - 1]))
            return front, "".join(lines[number:]), number + 1
    raise ExerciseError(path, 1, "the front matter is not closed by a second --- line")


def _parse(path: Path, text: str) -> FrontMatter:
    try:
        _refuse_anchors(path, text)
        root = yaml.compose(text, Loader=yaml.BaseLoader)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 2 if error.problem_mark else 1
        raise ExerciseError(path, line, f"YAML error: {error.problem}") from error
    if not isinstance(root, yaml.MappingNode):
        raise ExerciseError(path, 1, "the front matter must be `key: value` lines")
    pairs = _unique_pairs(path, root)
    front = FrontMatter(
        path,
        {key: _value(path, node) for key, (_, node) in pairs.items()},
        {key: line for key, (line, _) in pairs.items()},
    )
    _require_known_keys(front)
    return front


def _refuse_anchors(path: Path, text: str) -> None:
    for event in yaml.parse(text, Loader=yaml.BaseLoader):
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            line = event.start_mark.line + 2 if event.start_mark else 1
            raise ExerciseError(path, line, "anchors and aliases are refused")


def _unique_pairs(path: Path, node: yaml.MappingNode) -> dict[str, tuple[int, yaml.Node]]:
    pairs: dict[str, tuple[int, yaml.Node]] = {}
    for key, value in node.value:
        line = key.start_mark.line + 2
        if not isinstance(key, yaml.ScalarNode):
            raise ExerciseError(path, line, "a key must be a single word")
        if key.value in pairs:
            first = pairs[key.value][0]
            raise ExerciseError(path, line, f"{key.value} is given twice, first on line {first}")
        pairs[key.value] = (line, value)
    return pairs


def _value(path: Path, node: yaml.Node) -> Value:
    if isinstance(node, yaml.SequenceNode):
        return tuple(_scalar(path, child) for child in node.value)
    if isinstance(node, yaml.MappingNode):
        pairs = _unique_pairs(path, node)
        return {key: _scalar(path, child) for key, (_, child) in pairs.items()}
    return _scalar(path, node)


def _scalar(path: Path, node: yaml.Node) -> str:
    if not isinstance(node, yaml.ScalarNode):
        raise ExerciseError(path, node.start_mark.line + 2, "nested too deeply")
    return str(node.value)


def _require_known_keys(front: FrontMatter) -> None:
    faults = Faults()
    for key in front.values:
        if key not in REQUIRED + OPTIONAL:
            faults.add(_say_unknown(front, key))
    missing = [key for key in REQUIRED if key not in front.values]
    if missing:
        faults.add(ExerciseError(front.path, 1, f"the front matter lacks {', '.join(missing)}"))
    if faults:
        raise faults.as_error()


def _say_unknown(front: FrontMatter, key: str) -> ExerciseError:
    close = difflib.get_close_matches(key, REQUIRED + OPTIONAL, n=1)
    hint = f"; did you mean {close[0]}?" if close else ""
    return front.fail(key, f"unknown key {key}{hint}")
