"""Python in code blocks: whether it can be read, and whether a proof works anything out.

Each block is parsed once, although several checks ask: that is the dearest part of reading a bank.
"""

from __future__ import annotations

import ast
import warnings
from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

_RESULTS = ("answer", "truth", "ok")


class Reading(NamedTuple):
    """What is known of one block: `fault` is line (from 1) and message of its first error."""

    fault: tuple[int, str] | None
    is_constant: bool


@lru_cache(maxsize=4096)
def read_python(code: str) -> Reading:
    """Parse a block; nothing is run."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # odd escapes are the author's business
            tree = ast.parse(code)
    except SyntaxError as error:
        return Reading((error.lineno or 1, error.msg), is_constant=False)
    except (RecursionError, MemoryError, ValueError):
        return Reading((1, "nested too deeply"), is_constant=False)
    results = [_is_constant(node) for node in tree.body if _sets_result(node)]
    return Reading(None, bool(results) and all(results))


def check_python(code: str) -> tuple[int, str] | None:
    """Return line (from 1) and message of the first syntax error in `code`, or None."""
    return read_python(code).fault


def _sets_result(node: ast.stmt) -> bool:
    if isinstance(node, ast.FunctionDef):
        return node.name == "ok"
    return any(target in _RESULTS for target in _list_targets(node))


def _list_targets(node: ast.stmt) -> Iterator[str]:
    targets = node.targets if isinstance(node, ast.Assign) else []
    if isinstance(node, ast.AnnAssign):
        targets = [node.target]
    return (target.id for target in targets if isinstance(target, ast.Name))


def _is_constant(node: ast.stmt) -> bool:
    """Whether nothing is read and nothing is computed: no name, no operator."""
    value: ast.AST | None = node
    if isinstance(node, ast.Assign | ast.AnnAssign):
        value = node.value
    if isinstance(value, ast.FunctionDef | ast.Lambda):
        return _only_looks_at_its_argument(value)
    return value is not None and not any(_works(part) for part in ast.walk(value))


def _only_looks_at_its_argument(function: ast.FunctionDef | ast.Lambda) -> bool:
    """Whether the code that `ok` is given is compared with something, and not run."""
    body = function.body if isinstance(function.body, list) else [function.body]
    parts = [part for node in body for part in ast.walk(node)]
    read = {one.id for one in parts if isinstance(one, ast.Name) and isinstance(one.ctx, ast.Load)}
    return read <= {argument.arg for argument in function.args.args}


def _works(part: ast.AST) -> bool:
    is_read = isinstance(part, ast.Name) and isinstance(part.ctx, ast.Load)
    return is_read or isinstance(part, ast.BinOp | ast.Compare)
