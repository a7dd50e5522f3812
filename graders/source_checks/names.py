"""Forbidden names in a syntax tree: those in plain sight, and those that are reached otherwise."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping

_MAX_PARTS = 16  # of a dotted name
_ROUNDS = 3  # an alias of an alias of an alias

Aliases = Mapping[str, str]


def find_forbidden(tree: ast.Module, forbid: tuple[str, ...]) -> tuple[str, int] | None:
    """Return the first forbidden dotted name in plain use and its line: imported, or written out.

    `import torch.optim as o` does not hide `o.AdamW`.
    """
    if not forbid:
        return None
    aliases = _imported(tree)
    found = []
    for node in ast.walk(tree):
        for name, line in _plain_uses(node, aliases):
            found += [(line, bad) for bad in forbid if _is_within(name, bad)]
    line, name = min(found, default=(0, ""))
    return (name, line) if found else None


def find_disguised(tree: ast.Module, forbid: tuple[str, ...]) -> list[tuple[str, int]]:
    """Return forbidden names that are reached in another way, each with its first line.

    Seen are variables that stand for a module, `getattr`, `vars(...)[...]`, `import_module` and
    `__import__` with a literal name, `import *`, and other modules that hold the same thing.
    What a program puts together as it runs is not.
    """
    if not forbid:
        return []
    aliases = {**_imported(tree), **_starred(tree, forbid)}
    for _ in range(_ROUNDS):
        aliases |= _assigned(tree, aliases)
    found: dict[str, int] = {}
    for node in ast.walk(tree):
        for name, line in _any_uses(node, aliases):
            for bad in forbid:
                if _is_within(name, bad) or _is_elsewhere(name, bad):
                    found[bad] = min(line, found.get(bad, line))
    return sorted(found.items())


def _is_within(name: str, bad: str) -> bool:
    return f"{name}.".startswith(f"{bad}.")


def _is_elsewhere(name: str, bad: str) -> bool:
    """Whether a name is that of the forbidden thing in the module that defines it.

    `torch.optim.adamw.AdamW` is `torch.optim.AdamW`.
    """
    parent, _, last = bad.rpartition(".")
    return bool(parent) and name.startswith(f"{parent}.") and name.endswith(f".{last}")


def _imported(tree: ast.Module) -> dict[str, str]:
    """Map what an import binds to the dotted name that it stands for."""
    aliases: dict[str, str] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for name in node.names:
                top = name.name.split(".")[0]
                aliases[name.asname or top] = name.name if name.asname else top
        elif isinstance(node, ast.ImportFrom) and node.module:
            for name in node.names:
                aliases[name.asname or name.name] = f"{node.module}.{name.name}"
    return aliases


def _starred(tree: ast.Module, forbid: tuple[str, ...]) -> dict[str, str]:
    """Map the names that an `import *` of a forbidden name's module may bind."""
    modules = {
        node.module
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and any(name.name == "*" for name in node.names)
    }
    parts = [bad.rpartition(".") for bad in forbid]
    return {last: f"{parent}.{last}" for parent, _, last in parts if parent in modules}


def _assigned(tree: ast.Module, aliases: Aliases) -> dict[str, str]:
    """Map variables that are set to something that has a dotted name."""
    found: dict[str, str] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign | ast.AnnAssign | ast.NamedExpr) and node.value is not None:
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            dotted = _resolve(node.value, aliases)
            if "." in dotted or dotted in aliases.values():
                found |= {target.id: dotted for target in targets if isinstance(target, ast.Name)}
    return found


def _plain_uses(node: ast.AST, aliases: Aliases) -> list[tuple[str, int]]:
    if isinstance(node, ast.ImportFrom) and node.module:
        return [(f"{node.module}.{name.name}", node.lineno) for name in node.names]
    if isinstance(node, ast.Import):
        return [(name.name, node.lineno) for name in node.names]
    if isinstance(node, ast.Name | ast.Attribute):
        dotted = _dotted(node, aliases)
        return [(dotted, node.lineno)] if dotted else []
    return []


def _any_uses(node: ast.AST, aliases: Aliases) -> Iterator[tuple[str, int]]:
    yield from _plain_uses(node, aliases)
    if isinstance(node, ast.Attribute | ast.Call | ast.Subscript):
        dotted = _resolve(node, aliases)
        if dotted:
            yield dotted, node.lineno


def _dotted(node: ast.expr, aliases: Aliases) -> str:
    # A longer chain is none of the forbidden names, and its inner parts are looked at as well.
    parts: list[str] = []
    while isinstance(node, ast.Attribute) and len(parts) < _MAX_PARTS:
        parts.append(node.attr)
        node = node.value
    if not isinstance(node, ast.Name):
        return ""
    return ".".join([aliases.get(node.id, node.id), *reversed(parts)])


def _resolve(node: ast.expr, aliases: Aliases, depth: int = 0) -> str:
    """Return the dotted name of what an expression gives, as far as its text shows it, or empty."""
    if depth > _MAX_PARTS:
        return ""
    if isinstance(node, ast.Name):
        return aliases.get(node.id, node.id)
    if isinstance(node, ast.Attribute):
        return _join(_resolve(node.value, aliases, depth + 1), node.attr)
    if isinstance(node, ast.Subscript):
        return _join(_resolve_namespace(node.value, aliases, depth), _text(node.slice))
    return _resolve_call(node, aliases, depth) if isinstance(node, ast.Call) else ""


def _resolve_call(node: ast.Call, aliases: Aliases, depth: int) -> str:
    name = _resolve(node.func, aliases, depth + 1)
    if name == "getattr" and len(node.args) > 1:
        return _join(_resolve(node.args[0], aliases, depth + 1), _text(node.args[1]))
    if name in ("__import__", "importlib.import_module") and node.args:
        return _text(node.args[0])
    return ""


def _resolve_namespace(node: ast.expr, aliases: Aliases, depth: int) -> str:
    """Return the dotted name of `x` where the expression is `vars(x)` or `x.__dict__`, or empty."""
    if isinstance(node, ast.Attribute) and node.attr == "__dict__":
        return _resolve(node.value, aliases, depth + 1)
    if (
        isinstance(node, ast.Call)
        and node.args
        and _resolve(node.func, aliases, depth + 1) == "vars"
    ):
        return _resolve(node.args[0], aliases, depth + 1)
    return ""


def _join(owner: str, name: str) -> str:
    return f"{owner}.{name}" if owner and name else ""


def _text(node: ast.expr) -> str:
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""
