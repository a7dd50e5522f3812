"""The habits that docs/architecture.md and CONTRIBUTING.md promise, read from the source."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
MODULES = sorted(
    path
    for package in ("quizzer", "graders")
    for path in (ROOT / package).rglob("*.py")
    if "versions" not in path.parts
)
Function = ast.FunctionDef | ast.AsyncFunctionDef


@cache
def _nodes(path: Path) -> tuple[ast.AST, ...]:
    """Every node of a module's syntax tree; each module is parsed once for all tests."""
    return tuple(ast.walk(ast.parse(path.read_text())))


def _functions() -> Iterator[tuple[str, Function]]:
    for path in MODULES:
        for node in _nodes(path):
            if isinstance(node, Function):
                yield f"{path.relative_to(ROOT)}:{node.lineno} {node.name}", node


def _length(function: Function) -> int:
    """Lines of a function without its docstring."""
    docstring = ast.get_docstring(function, clean=False)
    spared = len(docstring.splitlines()) if docstring else 0
    return (function.end_lineno or function.lineno) - function.lineno + 1 - spared


def test_modules_are_short() -> None:
    lengths = {path: len(path.read_text().splitlines()) for path in MODULES}
    assert {str(path): length for path, length in lengths.items() if length > 400} == {}


def test_functions_are_short_and_most_fit_in_a_glance() -> None:
    lengths = {name: _length(function) for name, function in _functions()}
    in_order = sorted(lengths.values())
    assert {name: length for name, length in lengths.items() if length > 60} == {}
    assert in_order[len(in_order) // 2] <= 10
    assert in_order[int(len(in_order) * 0.9)] <= 30


def test_imports_stand_at_the_top() -> None:
    # torch is imported where the jail runs, never when a trusted process loads the module.
    hidden = [
        f"{name}: {ast.unparse(node)}"
        for name, function in _functions()
        for node in ast.walk(function)
        if isinstance(node, ast.Import | ast.ImportFrom)
        and not ("graders/" in name and "torch" in ast.unparse(node))
    ]
    assert hidden == []


def test_only_the_database_module_commits() -> None:
    committing = {
        str(path.relative_to(ROOT))
        for path in MODULES
        for node in _nodes(path)
        if isinstance(node, ast.Attribute) and node.attr == "commit"
    }
    assert committing <= {"quizzer/store/db.py"}


def test_no_drawer_for_everything() -> None:
    vague = {"utils", "util", "helpers", "common", "manager", "misc"}
    names = {path: {part.removesuffix(".py") for part in path.parts} for path in MODULES}
    assert [path for path, parts in names.items() if vague & parts] == []


def test_every_module_and_public_class_says_what_it_is_for() -> None:
    silent = [
        f"{path.relative_to(ROOT)}: {getattr(node, 'name', 'module')}"
        for path in MODULES
        for node in _nodes(path)
        if isinstance(node, ast.Module | ast.ClassDef)
        and not ast.get_docstring(node)
        and not getattr(node, "name", "").startswith("_")
        and path.stat().st_size
    ]
    assert silent == []
