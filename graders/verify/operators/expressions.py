"""Operators on what is computed and asked: comparisons, arithmetic, conditions, slices."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TypeVar

import libcst as cst

from graders.verify.operators.sites import Site, in_parentheses

Nodes = Iterator[cst.CSTNode]
Operating = TypeVar("Operating", cst.ComparisonTarget, cst.BinaryOperation, cst.AugAssign)

_COMPARISONS: Mapping[type, tuple[type, ...]] = {
    cst.LessThan: (cst.LessThanEqual, cst.GreaterThanEqual),
    cst.LessThanEqual: (cst.LessThan, cst.GreaterThan),
    cst.GreaterThan: (cst.GreaterThanEqual, cst.LessThanEqual),
    cst.GreaterThanEqual: (cst.GreaterThan, cst.LessThan),
    cst.Equal: (cst.NotEqual,),
    cst.NotEqual: (cst.Equal,),
    cst.Is: (cst.IsNot,),
    cst.IsNot: (cst.Is,),
    cst.In: (cst.NotIn,),
    cst.NotIn: (cst.In,),
}
_ARITHMETIC: Mapping[type, tuple[type, ...]] = {
    cst.Add: (cst.Subtract,),
    cst.Subtract: (cst.Add,),
    cst.Multiply: (cst.Divide, cst.Add),
    cst.Divide: (cst.Multiply,),
    cst.FloorDivide: (cst.Divide,),
    cst.Modulo: (cst.FloorDivide,),
    cst.Power: (cst.Multiply,),
    cst.MatrixMultiply: (cst.Multiply,),
    cst.BitAnd: (cst.BitOr,),
    cst.BitOr: (cst.BitAnd,),
    cst.AddAssign: (cst.SubtractAssign,),
    cst.SubtractAssign: (cst.AddAssign,),
    cst.MultiplyAssign: (cst.DivideAssign,),
    cst.DivideAssign: (cst.MultiplyAssign,),
}
_LEFT_ONLY = (cst.Divide, cst.FloorDivide, cst.Modulo, cst.Power)
_TESTED = (cst.If, cst.While, cst.IfExp, cst.CompIf)


def swap_comparison(site: Site) -> Nodes:
    """`a < b` → `a <= b`, `a >= b`; `a == b` → `a != b`; and so on."""
    if isinstance(site.node, cst.ComparisonTarget):
        yield from _with_operators(site.node, _COMPARISONS)


def swap_arithmetic(site: Site) -> Nodes:
    """`a * b` → `a / b`, `a + b`; `x += y` → `x -= y`; and so on."""
    if isinstance(site.node, cst.AugAssign):
        yield from _with_operators(site.node, _ARITHMETIC)
    elif isinstance(site.node, cst.BinaryOperation):
        for changed in _with_operators(site.node, _ARITHMETIC):
            yield site.fit(changed)


def drop_operand(site: Site) -> Nodes:
    """`a + b` → `a`, `b`; `a / b` → `a`; `a and b` → `a`, `b`."""
    node = site.node
    if isinstance(node, cst.BinaryOperation | cst.BooleanOperation):
        yield site.fit(node.left)
        if not isinstance(node.operator, _LEFT_ONLY):
            yield site.fit(node.right)


def swap_boolean(site: Site) -> Nodes:
    """`a and b` → `a or b` and back."""
    if isinstance(site.node, cst.BooleanOperation):
        is_and = isinstance(site.node.operator, cst.And)
        yield site.fit(site.node.with_changes(operator=cst.Or() if is_and else cst.And()))


def drop_sign(site: Site) -> Nodes:
    """`-x` → `x`; `not x` → `x`."""
    if isinstance(site.node, cst.UnaryOperation):
        yield site.fit(site.node.expression)


def negate_condition(site: Site) -> Nodes:
    """`if x` → `if not x`, also in loops and comprehensions; comparisons have their own swap."""
    node = site.node
    if isinstance(node, _TESTED) and not _has_opposite(node.test):
        node_test = node.test
        tight = isinstance(node_test, cst.BooleanOperation | cst.IfExp) and not node_test.lpar
        test = in_parentheses(node_test) if tight else node_test
        yield node.with_changes(test=cst.UnaryOperation(operator=cst.Not(), expression=test))


def drop_condition(site: Site) -> Nodes:
    """`if x: …` → `if True: …`; `for a in b if c` → `for a in b`; `a if c else b` → `a`, `b`."""
    node = site.node
    if isinstance(node, cst.If) and node.orelse is None:
        yield node.with_changes(test=cst.Name("True"))
    elif isinstance(node, cst.CompFor):
        for index in range(len(node.ifs)):
            yield node.with_changes(ifs=[*node.ifs[:index], *node.ifs[index + 1 :]])
    elif isinstance(node, cst.IfExp):
        yield site.fit(node.body)
        yield site.fit(node.orelse)


def widen_slice(site: Site) -> Nodes:
    """`x[1:-1]` → `x[:-1]`, `x[1:]`; `x[::2]` → `x[:]`."""
    node = site.node
    if not isinstance(node, cst.Slice):
        return
    if node.lower is not None:
        yield node.with_changes(lower=None)
    if node.upper is not None:
        yield node.with_changes(upper=None)
    if node.step is not None:
        yield node.with_changes(step=None, second_colon=cst.MaybeSentinel.DEFAULT)


def _with_operators(node: Operating, table: Mapping[type, tuple[type, ...]]) -> Iterator[Operating]:
    for kind in table.get(type(node.operator), ()):
        yield node.with_changes(operator=kind())


def _has_opposite(test: cst.BaseExpression) -> bool:
    if isinstance(test, cst.Comparison):
        return len(test.comparisons) == 1
    return isinstance(test, cst.UnaryOperation) and isinstance(test.operator, cst.Not)
