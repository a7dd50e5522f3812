"""Parts of an author's file, each at its own lines, so that a traceback tells the right ones."""

from __future__ import annotations

import ast
from collections.abc import Collection


def isolate(source: str, node: ast.FunctionDef) -> str:
    """Return a function without its decorators, preceded by as many empty lines as it had lines."""
    lines = _lines(source)[node.lineno - 1 : node.end_lineno]
    return "\n" * (node.lineno - 1) + "\n".join(lines) + "\n"


def keep_only(source: str, nodes: Collection[ast.stmt], dropped: Collection[ast.expr] = ()) -> str:
    """Return the lines of these statements and nothing else, each at its place.

    Args:
        source: the whole file.
        nodes: statements of its top level; comments between them are left out.
        dropped: decorators of theirs that are left out as well.
    """
    lines = _lines(source)
    kept = [""] * len(lines)
    for node in nodes:
        decorators = getattr(node, "decorator_list", [])
        first = min([node.lineno, *(decorator.lineno for decorator in decorators)]) - 1
        kept[first : node.end_lineno] = lines[first : node.end_lineno]
    for decorator in dropped:
        end = decorator.end_lineno or decorator.lineno
        kept[decorator.lineno - 1 : end] = [""] * (end - decorator.lineno + 1)
    return "\n".join(kept) + "\n"


def _lines(source: str) -> list[str]:
    """Split as Python's parser counts: `splitlines` would also split at form feeds and others."""
    return source.split("\n")
