"""Operators on what is written down: numbers, booleans, strings, and the elements of a display."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from graders.verify.operators.sites import Site

Nodes = Iterator[cst.CSTNode]

_TRUTH = {"True": "False", "False": "True"}
_WORDS = (("sum", "mean"), ("fan_in", "fan_out"), ("min", "max"))
_OTHER_WORD = {**dict(_WORDS), **{second: first for first, second in _WORDS}}
_CHANGED = "_changed"
_SAID = ("print", "warn", "warning", "info", "debug")


def change_number(site: Site) -> Nodes:
    """`2` → `3`, `1`; `0` → `1`; `0.5` → `1.0`, `0.0`; `0.0` → `1.0`."""
    node = site.node
    if isinstance(node, cst.Integer):
        whole = node.evaluated_value
        for other in (whole + 1, whole - 1) if whole else (1,):
            yield node.with_changes(value=str(other))
    elif isinstance(node, cst.Float):
        number = float(node.evaluated_value)
        for changed in (2 * number, 0.0) if number else (1.0,):
            yield node.with_changes(value=repr(changed))


def flip_truth(site: Site) -> Nodes:
    """`True` → `False` and back."""
    if isinstance(site.node, cst.Name) and site.node.value in _TRUTH:
        yield site.node.with_changes(value=_TRUTH[site.node.value])


def change_string(site: Site) -> Nodes:
    """`"sum"` → `"mean"`; any other string gets a different end. What is printed is left alone."""
    node = site.node
    if not isinstance(node, cst.SimpleString) or "b" in node.prefix or _is_said(site):
        return
    other = _OTHER_WORD.get(node.raw_value, node.raw_value + _CHANGED)
    yield node.with_changes(value=f"{node.prefix}{node.quote}{other}{node.quote}")


def drop_element(site: Site) -> Nodes:
    """`[a, b]` → `[b]`, `[a]`; `{k: v, l: w}` without one of its entries."""
    node = site.node
    if not isinstance(node, cst.List | cst.Tuple | cst.Set | cst.Dict) or _is_target(site):
        return
    if len(node.elements) > 1:
        for index in range(len(node.elements)):
            rest = [*node.elements[:index], *node.elements[index + 1 :]]
            yield node.with_changes(elements=_end_well(rest, node))


def swap_returned(site: Site) -> Nodes:
    """`return a, b` → `return b, a`: neighbours in a list or tuple that is returned."""
    node = site.node
    if isinstance(node, cst.List | cst.Tuple) and isinstance(site.parent, cst.Return):
        for index in range(len(node.elements) - 1):
            elements = list(node.elements)
            first, second = elements[index], elements[index + 1]
            elements[index] = first.with_changes(value=second.value)
            elements[index + 1] = second.with_changes(value=first.value)
            yield node.with_changes(elements=elements)


def _end_well(
    elements: list[cst.BaseElement | cst.BaseDictElement], node: cst.CSTNode
) -> list[cst.CSTNode]:
    """Give the last element the comma that a tuple of one needs and nothing else has to have."""
    needs_comma = isinstance(node, cst.Tuple) and len(elements) == 1
    comma = cst.Comma() if needs_comma else cst.MaybeSentinel.DEFAULT
    return [*elements[:-1], elements[-1].with_changes(comma=comma)]


def _is_target(site: Site) -> bool:
    """Whether the tuple is what values are assigned to."""
    parent = site.parent
    targets = (cst.AssignTarget, cst.For, cst.CompFor)
    if not isinstance(parent, targets):
        return isinstance(parent, cst.Element) and isinstance(site.node, cst.Tuple)
    return parent.target is site.node


def _is_said(site: Site) -> bool:
    calls = [node for node in site.ancestors if isinstance(node, cst.Call)]
    return any(_called_name(call) in _SAID for call in calls)


def _called_name(call: cst.Call) -> str:
    target = call.func.attr if isinstance(call.func, cst.Attribute) else call.func
    return target.value if isinstance(target, cst.Name) else ""
