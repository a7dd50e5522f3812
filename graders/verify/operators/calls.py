"""Operators on calls: dropped, with other arguments, or of a function that is easily mixed up."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise

import libcst as cst

from graders.verify.operators.sites import Site, in_parentheses

Nodes = Iterator[cst.CSTNode]

_MIXED_UP = (
    ("sum", "mean"),
    ("min", "max"),
    ("amin", "amax"),
    ("argmin", "argmax"),
    ("minimum", "maximum"),
    ("any", "all"),
    ("floor", "ceil"),
    ("zeros", "ones"),
    ("zeros_like", "ones_like"),
    ("rand", "randn"),
    ("rand_like", "randn_like"),
    ("train", "eval"),
    ("softmax", "log_softmax"),
    ("exp", "log"),
    ("abs", "square"),
    ("norm", "sum"),
    ("startswith", "endswith"),
    ("parameters", "buffers"),
    ("named_parameters", "named_buffers"),
    ("modules", "children"),
    ("named_modules", "named_children"),
    ("var", "std"),
    ("sqrt", "square"),
    ("argsort", "sort"),
    ("append", "extend"),
    ("clamp_min", "clamp_max"),
)


def _tell_apart() -> dict[str, tuple[str, ...]]:
    others: dict[str, tuple[str, ...]] = {}
    for first, second in _MIXED_UP:
        others[first] = (*others.get(first, ()), second)
        others[second] = (*others.get(second, ()), first)
    return others


_OTHERS = _tell_apart()


def drop_call(site: Site) -> Nodes:
    """`f(x)` → `x`; `p.abs().sum()` → `p.sum()`. A call that is a whole statement is left."""
    node = site.node
    if not isinstance(node, cst.Call) or isinstance(site.parent, cst.Expr):
        return
    if isinstance(node.func, cst.Attribute) and not site.is_imported(node.func):
        if not _is_super(node.func.value):
            yield site.fit(node.func.value)
    elif node.args and node.args[0].keyword is None and not node.args[0].star:
        yield site.fit(node.args[0].value)


def swap_arguments(site: Site) -> Nodes:
    """`f(a, b)` → `f(b, a)`; `f(x=a, y=b)` → `f(x=b, y=a)`: neighbours of one kind."""
    if not isinstance(site.node, cst.Call):
        return
    arguments = site.node.args
    for index, (first, second) in enumerate(pairwise(arguments)):
        plain = not first.star and not second.star
        if plain and (first.keyword is None) == (second.keyword is None):
            swapped = list(arguments)
            swapped[index] = first.with_changes(value=second.value)
            swapped[index + 1] = second.with_changes(value=first.value)
            yield site.node.with_changes(args=swapped)


def drop_argument(site: Site) -> Nodes:
    """`f(x, dim=1)` → `f(x)`; `f(x, y)` → `f(x)`: each keyword, and the last positional."""
    if not isinstance(site.node, cst.Call):
        return
    arguments = site.node.args
    positional = [argument for argument in arguments if argument.keyword is None]
    for index, argument in enumerate(arguments):
        is_last = len(positional) > 1 and argument is positional[-1] and not argument.star
        if argument.keyword is not None or is_last:
            yield site.node.with_changes(args=_without(arguments, index))


def mix_up_function(site: Site) -> Nodes:
    """`x.sum()` → `x.mean()`, `torch.zeros(2)` → `torch.ones(2)`, and so on: see the table."""
    node = site.node
    if not isinstance(node, cst.Call):
        return
    target = node.func.attr if isinstance(node.func, cst.Attribute) else node.func
    if not isinstance(target, cst.Name):
        return
    for other in _OTHERS.get(target.value, ()):
        yield node.with_deep_changes(target, value=other)


def miss_by_one(site: Site) -> Nodes:
    """`range(n)` → `range(n - 1)`, `range(n + 1)`."""
    node = site.node
    if not (isinstance(node, cst.Call) and _is_named(node.func, "range") and node.args):
        return
    index = min(1, len(node.args) - 1)  # the stop
    stop = node.args[index].value
    if isinstance(stop, cst.Integer):
        return  # numbers are changed by an operator of their own
    inner = stop if isinstance(stop, cst.Name | cst.Call | cst.Attribute) else in_parentheses(stop)
    for operator in (cst.Subtract(), cst.Add()):
        moved = cst.BinaryOperation(left=inner, operator=operator, right=cst.Integer("1"))
        changed = node.args[index].with_changes(value=moved)
        yield node.with_changes(args=[*node.args[:index], changed, *node.args[index + 1 :]])


def _without(arguments: Sequence[cst.Arg], index: int) -> list[cst.Arg]:
    rest = [*arguments[:index], *arguments[index + 1 :]]
    if index == len(arguments) - 1 and rest:
        rest[-1] = rest[-1].with_changes(comma=cst.MaybeSentinel.DEFAULT)
    return rest


def _is_super(node: cst.BaseExpression) -> bool:
    return isinstance(node, cst.Call) and _is_named(node.func, "super")


def _is_named(node: cst.BaseExpression, name: str) -> bool:
    return isinstance(node, cst.Name) and node.value == name
