"""`mutants.yaml`: the mutants that no check can tell from the reference, each with a reason.

    - line: "distance = parameter.abs() - lr * lam"
      mutant: "distance = lr * -lam + parameter.abs()"
      reason: The same sum, in another order.

`line` is what the reference has, `mutant` what stands there instead (empty where it is gone), both
on one line; indentation and comments do not matter. Several mutants of a line that have one reason
stand in a list, `mutants`, in place of `mutant`. The file is no part of the exercise's hash: it
changes nothing for those who solve the exercise.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import yaml

from graders.verify.mutants import Mutant, normalise

FILE = "mutants.yaml"
_KEYS = ("line", "mutant", "reason")


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """One entry of the file.

    Attributes:
        place: file and line of the entry.
        before, after: normalised code.
        reason: why no check can tell.
    """

    place: str
    before: str
    after: str
    reason: str

    def fits(self, mutant: Mutant) -> bool:
        """Whether this is the mutant that is meant."""
        return (self.before, self.after) == (mutant.before, mutant.after)


def read_explanations(folder: Path) -> tuple[tuple[Explanation, ...], tuple[str, ...]]:
    """Return the entries of an exercise's file and what is wrong with it; no file has none."""
    path = folder / FILE
    if not path.exists():
        return (), ()
    try:
        root = yaml.compose(path.read_text(encoding="utf-8"), Loader=yaml.SafeLoader)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        return (), (f"{FILE}:{line}: {error.problem}; quote code as \"…\" or '…'",)
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        return (), (f"{FILE}: {error}",)
    if root is None:
        return (), ()
    if not isinstance(root, yaml.SequenceNode):
        return (), (f"{FILE}:1: must be a list of entries with {', '.join(_KEYS)}",)
    return _read_entries(root)


def find_stale(
    explanations: Sequence[Explanation],
    survivors: Sequence[Mutant],
    mutants: Sequence[Mutant],
) -> Iterator[str]:
    """Yield a problem for each entry that explains no survivor."""
    for entry in explanations:
        if any(entry.fits(mutant) for mutant in survivors):
            continue
        if any(entry.fits(mutant) for mutant in mutants):
            yield f"{entry.place}: `{entry.after}`: this mutant is caught; remove it"
        else:
            yield f"{entry.place}: `{entry.after}`: there is no such mutant; correct or remove it"


def write_entry(mutant: Mutant) -> str:
    """Return the entry that would explain a mutant, its reason left to be written."""
    entry = {"line": mutant.before, "mutant": mutant.after, "reason": ""}
    return yaml.safe_dump([entry], sort_keys=False, allow_unicode=True, width=10_000).rstrip()


def _read_entries(root: yaml.SequenceNode) -> tuple[tuple[Explanation, ...], tuple[str, ...]]:
    entries: list[Explanation] = []
    problems: list[str] = []
    for node in root.value:
        place = f"{FILE}:{node.start_mark.line + 1}"
        for fields in _read_fields(node):
            fault = _find_fault(fields) or _find_double(entries, fields)
            if fault:
                problems.append(f"{place}: {fault}")
            else:
                entries.append(_explanation(place, fields))
    return tuple(entries), tuple(dict.fromkeys(problems))


def _read_fields(node: yaml.Node) -> list[dict[str, str]]:
    """Return the fields of an entry, once for each mutant that it is about."""
    if not isinstance(node, yaml.MappingNode):
        return [{}]
    fields, several = {}, []
    for key, value in node.value:
        if isinstance(value, yaml.ScalarNode):
            fields[str(key.value)] = _text(value)
        elif key.value == "mutants" and isinstance(value, yaml.SequenceNode):
            several += [_text(item) for item in value.value if isinstance(item, yaml.ScalarNode)]
    if several and "mutant" not in fields:
        return [{**fields, "mutant": mutant} for mutant in several]
    return [fields]


def _text(node: yaml.ScalarNode) -> str:
    return "" if _is_null(node) else str(node.value)


def _is_null(node: yaml.ScalarNode) -> bool:
    return bool(node.tag == "tag:yaml.org,2002:null")


def _find_fault(fields: dict[str, str]) -> str | None:
    if set(fields) != set(_KEYS):
        return (
            f"an entry has {', '.join(_KEYS)}, each one text (or a list `mutants` in place of "
            "`mutant`); quote code as \"…\" or '…'"
        )
    if not fields["reason"].strip():
        return "the reason is empty: say why no check can tell this mutant from the reference"
    return None


def _find_double(entries: Sequence[Explanation], fields: dict[str, str]) -> str | None:
    key = (normalise(fields["line"]), normalise(fields["mutant"]))
    first = [entry.place for entry in entries if (entry.before, entry.after) == key]
    return f"the same as {first[0]}; remove one of them" if first else None


def _explanation(place: str, fields: dict[str, str]) -> Explanation:
    return Explanation(
        place=place,
        before=normalise(fields["line"]),
        after=normalise(fields["mutant"]),
        reason=" ".join(fields["reason"].split()),
    )
