"""Small edits of code that change what it computes: another constant, another operator."""

from __future__ import annotations

import ast
import copy
from collections.abc import Iterator
from dataclasses import dataclass

from quizzer.domain.variants import VARIABLE

_OPERATORS: dict[type[ast.AST], type[ast.AST]] = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.Add,
    ast.Div: ast.Mult,
    ast.FloorDiv: ast.Mult,
    ast.Pow: ast.Mult,
    ast.MatMult: ast.Mult,
    ast.Mod: ast.Add,
    ast.Lt: ast.GtE,
    ast.LtE: ast.Gt,
    ast.Gt: ast.LtE,
    ast.GtE: ast.Lt,
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
}

_FIRST_MARK = 9_000_000_000  # numbers from here on stand for variables


@dataclass(frozen=True, slots=True, kw_only=True)
class CodeEdit:
    """Code with one thing changed, and what that is."""

    name: str
    code: str


def list_code_edits(code: str) -> Iterator[CodeEdit]:
    """Yield edits of Python code: constants and operators first, then statements left out.

    Variables (`{{name}}`) stay as they are.

    Raises:
        SyntaxError: if it is no Python.
    """
    marks = {found[0]: str(_FIRST_MARK + found.start()) for found in VARIABLE.finditer(code)}
    for variable, mark in marks.items():
        code = code.replace(variable, mark)
    tree = ast.parse(code)
    for edit in (*_edit_nodes(tree), *_leave_out(tree)):
        text = edit.code
        for variable, mark in marks.items():
            text = text.replace(mark, variable)
        yield CodeEdit(name=edit.name, code=text)


def _edit_nodes(tree: ast.Module) -> Iterator[CodeEdit]:
    for index, node in enumerate(ast.walk(tree)):
        name = _name_edit(node)
        if name:
            edited = copy.deepcopy(tree)
            _edit(list(ast.walk(edited))[index])
            yield CodeEdit(name=name, code=ast.unparse(edited))


def _leave_out(tree: ast.Module) -> Iterator[CodeEdit]:
    for index, statement in enumerate(tree.body):
        if not isinstance(statement, ast.Import | ast.ImportFrom | ast.Pass):
            edited = copy.deepcopy(tree)
            edited.body[index] = ast.Pass()
            yield CodeEdit(name=f"without line {statement.lineno}", code=ast.unparse(edited))


def _name_edit(node: ast.AST) -> str:
    """Return what can be changed about a node, or an empty text."""
    if isinstance(node, ast.Constant) and isinstance(node.value, int | float):
        if node.value >= _FIRST_MARK:
            return ""
        return f"{node.value!r} changed in line {node.lineno}"
    if isinstance(node, ast.BinOp | ast.AugAssign) and type(node.op) in _OPERATORS:
        return f"operator changed in line {node.lineno}"
    if isinstance(node, ast.Compare) and type(node.ops[0]) in _OPERATORS:
        return f"comparison changed in line {node.lineno}"
    return ""


def _edit(node: ast.AST) -> None:
    if isinstance(node, ast.Constant):
        value = node.value
        node.value = not value if isinstance(value, bool) else value + 1  # type: ignore[operator]
    elif isinstance(node, ast.BinOp | ast.AugAssign):
        node.op = _OPERATORS[type(node.op)]()  # type: ignore[assignment]
    elif isinstance(node, ast.Compare):
        node.ops[0] = _OPERATORS[type(node.ops[0])]()  # type: ignore[call-overload]
