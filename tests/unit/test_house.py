"""The habits that docs/architecture.md and CONTRIBUTING.md promise, read from the source."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
MODULES = sorted(
    path
    for package in ("quizzer", "graders")
    for path in (ROOT / package).rglob("*.py")
    if "content" not in path.parts and "versions" not in path.parts
)
# torch is imported where a jailed worker needs it, never when a trusted process loads the module.
JAIL_SIDE = {"wire.py", "worker.py", "zygote.py", "draw.py", "observations.py"}


def _functions(tree: ast.AST) -> list[ast.FunctionDef | ast.AsyncFunctionDef]:
    return [
        node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    ]


def _length(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Lines of a function without its docstring."""
    docstring = ast.get_docstring(function, clean=False)
    spared = len(docstring.splitlines()) if docstring else 0
    return (function.end_lineno or function.lineno) - function.lineno + 1 - spared


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_modules_and_functions_are_short(path: Path) -> None:
    text = path.read_text()
    long = {f.name: _length(f) for f in _functions(ast.parse(text)) if _length(f) > 60}
    assert not long
    assert len(text.splitlines()) <= 400


def test_most_functions_fit_in_a_glance() -> None:
    lengths = sorted(
        _length(f) for path in MODULES for f in _functions(ast.parse(path.read_text()))
    )
    assert lengths[len(lengths) // 2] <= 10
    assert lengths[int(len(lengths) * 0.9)] <= 30


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_imports_stand_at_the_top(path: Path) -> None:
    hidden = [
        ast.unparse(node)
        for function in _functions(ast.parse(path.read_text()))
        for node in ast.walk(function)
        if isinstance(node, ast.Import | ast.ImportFrom)
    ]
    if path.name in JAIL_SIDE:
        hidden = [line for line in hidden if "torch" not in line and "numpy" not in line]
    assert hidden == []


def test_only_the_database_module_commits() -> None:
    committing = {
        str(path.relative_to(ROOT))
        for path in MODULES
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Attribute) and node.attr == "commit"
    }
    assert committing <= {"quizzer/store/db.py"}


def test_no_drawer_for_everything() -> None:
    vague = {"utils", "util", "helpers", "common", "manager", "misc"}
    assert not [
        path for path in MODULES if vague & {part.removesuffix(".py") for part in path.parts}
    ]


def test_every_module_and_public_name_says_what_it_is_for() -> None:
    silent = [
        f"{path.relative_to(ROOT)}: {getattr(node, 'name', 'module')}"
        for path in MODULES
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Module | ast.ClassDef)
        and not ast.get_docstring(node)
        and not getattr(node, "name", "").startswith("_")
        and path.stat().st_size
    ]
    assert silent == []
