"""Operators on statements: removed, moved, or leaving a loop in another way."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import libcst as cst

from graders.verify.operators.sites import Site, find_nodes, is_docstring, is_main

Nodes = Iterator[cst.CSTNode]
Block = cst.IndentedBlock | cst.Module

_KEPT = (cst.FunctionDef, cst.ClassDef)
_KEPT_SMALL = (cst.Import, cst.ImportFrom, cst.Pass, cst.Global, cst.Nonlocal)
_NOTHING = cst.SimpleStatementLine([cst.Pass()])
_PLAIN: Mapping[type, tuple[type[cst.BaseBinaryOp], ...]] = {
    cst.AddAssign: (cst.Add,),
    cst.SubtractAssign: (cst.Subtract,),
    cst.MultiplyAssign: (cst.Multiply,),
    cst.DivideAssign: (cst.Divide,),
}


def remove_statement(site: Site) -> Nodes:
    """Each statement but definitions and imports goes, whole blocks too.

    The only statement of an `if`, a loop or a `with` stays: that is the removal of the block.
    """
    block = site.node
    if not isinstance(block, Block) or _is_whole(site):
        return
    for index, statement in enumerate(block.body):
        if _may_go(statement):
            yield _with_body(block, index, [])


def unwrap_with(site: Site) -> Nodes:
    """`with torch.no_grad(): …` → the statements alone; not for a `with` that binds a name."""
    block = site.node
    if not isinstance(block, Block):
        return
    for index, statement in enumerate(block.body):
        if isinstance(statement, cst.With) and not any(item.asname for item in statement.items):
            yield _with_body(block, index, _get_statements(statement.body))


def drop_else(site: Site) -> Nodes:
    """`if a: … elif b: … else: …` without its `elif` or without its `else`."""
    node = site.node
    if isinstance(node, cst.If) and node.orelse is not None:
        rest = node.orelse.orelse if isinstance(node.orelse, cst.If) else None
        yield node.with_changes(orelse=rest)


def swap_exit(site: Site) -> Nodes:
    """`continue` → `break` and back."""
    if isinstance(site.node, cst.Continue):
        yield cst.Break(semicolon=site.node.semicolon)
    elif isinstance(site.node, cst.Break):
        yield cst.Continue(semicolon=site.node.semicolon)


def return_early(site: Site) -> Nodes:
    """A `return` that follows a loop moves into it, to the end of its body."""
    block = site.node
    if not isinstance(block, cst.IndentedBlock):
        return
    for index, (loop, after) in enumerate(zip(block.body, block.body[1:], strict=False)):
        if isinstance(loop, cst.For | cst.While) and _is_return(after):
            body = loop.body.with_changes(body=[*loop.body.body, after])
            yield block.with_changes(
                body=[
                    *block.body[:index],
                    loop.with_changes(body=body),
                    *block.body[index + 2 :],
                ]
            )


def drop_decorator(site: Site) -> Nodes:
    """Each decorator of a function or class goes."""
    node = site.node
    if isinstance(node, cst.FunctionDef | cst.ClassDef):
        for index in range(len(node.decorators)):
            rest = [*node.decorators[:index], *node.decorators[index + 1 :]]
            yield node.with_changes(decorators=rest)


def rebind(site: Site) -> Nodes:
    """`x += y` → `x = x + y`, which leaves the old object as it was.

    Not for a name that the function starts with a number: nobody could tell.
    """
    node = site.node
    if not isinstance(node, cst.AugAssign) or _starts_as_number(site, node.target):
        return
    for kind in _PLAIN.get(type(node.operator), ()):
        right = _as_operand(node.value)
        yield _assign(node, cst.BinaryOperation(left=node.target, operator=kind(), right=right))


def overwrite(site: Site) -> Nodes:
    """`x += y` → `x = y`: what was gathered before is forgotten."""
    if isinstance(site.node, cst.AugAssign):
        yield _assign(site.node, site.node.value)


def _may_go(statement: cst.CSTNode) -> bool:
    if isinstance(statement, _KEPT) or is_docstring(statement) or is_main(statement):
        return False
    if isinstance(statement, cst.SimpleStatementLine):
        return not any(isinstance(small, _KEPT_SMALL) for small in statement.body)
    return True


def _is_whole(site: Site) -> bool:
    """Whether the block is a single statement, and all of what stands around it."""
    parent = site.parent
    if not isinstance(parent, cst.If | cst.For | cst.While | cst.With):
        return False
    has_else = not isinstance(parent, cst.With) and parent.orelse is not None
    return isinstance(site.node, Block) and len(site.node.body) == 1 and not has_else


def _with_body(block: Block, index: int, instead: Sequence[cst.CSTNode]) -> Block:
    """Return the block with other statements in place of one; its comments stay."""
    before, after = list(block.body[:index]), list(block.body[index + 1 :])
    comments = getattr(block.body[index], "leading_lines", ())
    following = [*instead, *after]
    if following:
        first = following[0]
        lines = [*comments, *getattr(first, "leading_lines", ())]
        following[0] = first.with_changes(leading_lines=lines)
    return block.with_changes(body=[*before, *following] or [_NOTHING])


def _get_statements(body: cst.BaseSuite) -> list[cst.CSTNode]:
    if isinstance(body, cst.SimpleStatementSuite):
        return [cst.SimpleStatementLine(body=body.body)]
    return list(body.body)


def _is_return(statement: cst.CSTNode) -> bool:
    return isinstance(statement, cst.SimpleStatementLine) and isinstance(
        statement.body[0], cst.Return
    )


def _assign(node: cst.AugAssign, value: cst.BaseExpression) -> cst.Assign:
    return cst.Assign(
        targets=[cst.AssignTarget(node.target)], value=value, semicolon=node.semicolon
    )


def _as_operand(value: cst.BaseExpression) -> cst.BaseExpression:
    loose = isinstance(value, cst.BinaryOperation | cst.BooleanOperation | cst.IfExp)
    if loose and not value.lpar:
        return value.with_changes(lpar=[cst.LeftParen()], rpar=[cst.RightParen()])
    return value


def _starts_as_number(site: Site, target: cst.BaseExpression) -> bool:
    if not isinstance(target, cst.Name) or site.function is None:
        return False
    return any(
        isinstance(assign.value, cst.Integer | cst.Float)
        and any(_names(entry.target, target.value) for entry in assign.targets)
        for assign in find_nodes(site.function, cst.Assign)
    )


def _names(target: cst.BaseExpression, name: str) -> bool:
    return isinstance(target, cst.Name) and target.value == name
