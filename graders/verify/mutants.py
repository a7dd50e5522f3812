"""Mutants: the reference with one small mistake in it."""

from __future__ import annotations

import ast
import difflib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

import libcst as cst

from graders.verify.operators import OPERATORS, Site, parse, walk


@dataclass(frozen=True, slots=True, kw_only=True)
class Mutant:
    """One changed reference.

    Attributes:
        name: operator and line, such as `comparison:12`; a number tells further ones apart.
        line: the first line of the reference that differs, counted from 1.
        before: the reference's lines that differ, on one line, without indentation and comments.
        after: what stands there instead, likewise; empty where the lines are gone.
        source: the whole file.
    """

    name: str
    line: int
    before: str
    after: str
    source: str = field(repr=False)


def make_mutants(source: str) -> tuple[Mutant, ...]:
    """Return all mutants of a file, sorted by line; the same file gives the same mutants.

    What has the syntax tree of the original or of an earlier mutant is left out, and so is what is
    no Python any more.

    Raises:
        GraderError: if the source is no Python.
    """
    module = parse(source)
    seen = {_fingerprint(source), None}
    found = []
    for operator, changed in _change_everywhere(module):
        fingerprint = _fingerprint(changed)
        if fingerprint not in seen:
            seen.add(fingerprint)
            found.append(_describe(operator, source, changed))
    return _name_apart(sorted(found, key=lambda mutant: mutant.line))


def render_diff(original: str, mutant: Mutant) -> str:
    """Return a unified diff of a mutant with one line of context, without file names."""
    lines = difflib.unified_diff(
        original.splitlines(), mutant.source.splitlines(), n=1, lineterm=""
    )
    return "\n".join(list(lines)[2:])


def normalise(code: str) -> str:
    """Return code on one line: no indentation, no runs of blanks, no comments."""
    lines = (_without_comment(line) for line in code.splitlines())
    return " ".join(" ".join(lines).split())


def _change_everywhere(module: cst.Module) -> Iterator[tuple[str, str]]:
    for site in walk(module):
        for operator, change in OPERATORS.items():
            for node in change(site):
                yield operator, _rewrite(module, site, node)


def _rewrite(module: cst.Module, site: Site, node: cst.CSTNode) -> str:
    changed = module.deep_replace(site.node, node)
    if not isinstance(changed, cst.Module):
        raise TypeError(f"an operator put a {type(node).__name__} in place of the module")
    return changed.code


def _fingerprint(source: str) -> str | None:
    """Return what two sources share that mean the same to Python; None for no Python."""
    try:
        return ast.dump(ast.parse(source))
    except SyntaxError:
        return None


def _describe(operator: str, original: str, changed: str) -> Mutant:
    old, new = original.splitlines(), changed.splitlines()
    spans = _spans([line.strip() for line in old], [line.strip() for line in new])
    spans = spans or _spans(old, new)  # only the indentation differs
    (_, start, _, begin, _), (_, _, stop, _, end) = spans[0], spans[-1]
    if start == stop:  # lines came in: without the one below nobody could tell the place
        stop, end = stop + 1, end + 1
    return Mutant(
        name=operator,
        line=min(start + 1, len(old)),
        before=normalise("\n".join(old[start:stop])),
        after=normalise("\n".join(new[begin:end])),
        source=changed,
    )


def _spans(old: list[str], new: list[str]) -> list[tuple[str, int, int, int, int]]:
    """Return where two files differ. Stripped lines keep a block that only moves out of it."""
    matcher = difflib.SequenceMatcher(None, old, new, autojunk=False)
    return [code for code in matcher.get_opcodes() if code[0] != "equal"]


def _name_apart(mutants: list[Mutant]) -> tuple[Mutant, ...]:
    """Add the line to each name, and a number where this is not enough."""
    count: Counter[str] = Counter()
    named = []
    for mutant in mutants:
        name = f"{mutant.name}:{mutant.line}"
        count[name] += 1
        number = f"#{count[name]}" if count[name] > 1 else ""
        named.append(replace(mutant, name=f"{name}{number}"))
    return tuple(named)


def _without_comment(line: str) -> str:
    """Return a line without what follows a `#` that stands in no string."""
    quote = ""
    for index, character in enumerate(line):
        if quote:
            quote = "" if character == quote else quote
        elif character in "\"'":
            quote = character
        elif character == "#":
            return line[:index]
    return line
