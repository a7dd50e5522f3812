"""Operators on what only tensors have: gradients, copies, in-place methods."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from graders.verify.operators.sites import Site, find_names, find_nodes, find_with_gradients

Nodes = Iterator[cst.CSTNode]


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_IN_PLACE = _words(
    """
    abs add addcdiv addcmul clamp clamp_max clamp_min clip copysign cos cumsum div exp lerp log
    masked_fill mul neg pow reciprocal relu round rsqrt sigmoid sign sin sqrt square squeeze sub
    tanh transpose tril triu unsqueeze
    """
)
_REDUCTIONS = _words("amax amin dot max mean median min norm prod std sum trace var")
_OTHER_MATH = _words(
    """
    addmm bmm cat cross_entropy einsum log_softmax logsumexp matmul maximum minimum mm mse_loss
    mv nll_loss softmax softplus solve stack where
    """
)
_MATH = _IN_PLACE | _REDUCTIONS | _OTHER_MATH
_WRITTEN_AND_READ = 2  # times that a name is there
_ATTRIBUTES = frozenset(("data", "grad", "T", "mT"))
_KEEPERS = frozenset(("append", "add"))


def swap_in_place(site: Site) -> Nodes:
    """`x.mul_(2)` → `x.mul(2)`; `x.mul(2)` → `x.mul_(2)` where `x` is no temporary."""
    node = site.node
    if not (isinstance(node, cst.Call) and isinstance(node.func, cst.Attribute)):
        return
    name, target = node.func.attr.value, node.func.value
    if name.endswith("_") and name.removesuffix("_") in _IN_PLACE:
        yield _renamed(node, name.removesuffix("_"))
    if name in _IN_PLACE and _is_lasting(site, target):
        yield _renamed(node, f"{name}_")


def drop_attribute(site: Site) -> Nodes:
    """`p.grad` → `p`; `p.data` → `p`; `x.T` → `x`, where it is read."""
    node = site.node
    if isinstance(node, cst.Attribute) and node.attr.value in _ATTRIBUTES:
        written = isinstance(site.parent, cst.AssignTarget | cst.AugAssign | cst.Del)
        if not written and not isinstance(node.value, cst.Call):
            yield node.value


def insert_detach(site: Site) -> Nodes:
    """`return x * y` → `return (x * y).detach()`, where gradients may flow."""
    if not site.is_without_gradients() and (_is_result(site) or _is_kept(site)):
        yield _method(site.node, "detach")


def insert_item(site: Site) -> Nodes:
    """`total = x.sum()` → `total = x.sum().item()`, where gradients may flow."""
    node = site.node
    if site.is_without_gradients() or not _is_result(site):
        return
    is_name = isinstance(node, cst.Name)
    if is_name or _called_name(node) in _REDUCTIONS:
        yield _method(node, "item")


def insert_clone(site: Site) -> Nodes:
    """`return x` → `return x.clone()`; `kept.append(x)` → `kept.append(x.clone())`."""
    if isinstance(site.node, cst.Name) and (_is_result(site) or _is_kept(site)):
        yield _method(site.node, "clone")


def insert_no_grad(site: Site) -> Nodes:
    """A function that computes with tensors gets `@torch.no_grad()`, if the file knows `torch`."""
    node = site.node
    if not isinstance(node, cst.FunctionDef) or "torch" not in site.imported:
        return
    computes = any(_called_name(call) in _MATH for call in find_with_gradients(node.body))
    if computes and not site.is_without_gradients():
        decorator = cst.Decorator(cst.parse_expression("torch.no_grad()"))
        yield node.with_changes(decorators=[*node.decorators, decorator])


def _is_lasting(site: Site, target: cst.BaseExpression) -> bool:
    """Whether it could matter that this changes: no temporary, no local that is read but here."""
    if site.is_imported(target) or not isinstance(target, cst.Name | cst.Attribute | cst.Subscript):
        return False
    if not isinstance(target, cst.Name) or site.function is None:
        return True
    names = [name.value for name in find_names(site.function)]
    is_local = any(
        isinstance(entry.target, cst.Name) and entry.target.value == target.value
        for entry in find_nodes(site.function, cst.AssignTarget)
    )
    return not (is_local and names.count(target.value) == _WRITTEN_AND_READ)


def _is_result(site: Site) -> bool:
    """Whether the expression is computed with tensors, and returned, assigned or collected."""
    node, parent = site.node, site.parent
    if isinstance(parent, cst.Return):
        return isinstance(node, cst.Name | cst.BinaryOperation) or _called_name(node) in _MATH
    is_value = isinstance(parent, cst.Assign | cst.AugAssign) and parent.value is node
    is_element = isinstance(parent, cst.ListComp | cst.GeneratorExp) and parent.elt is node
    computes = isinstance(node, cst.BinaryOperation) or _called_name(node) in _MATH
    return (is_value or is_element) and computes


def _is_kept(site: Site) -> bool:
    """Whether the expression is a name that is handed to `append` or `add`."""
    if not isinstance(site.node, cst.Name) or not isinstance(site.parent, cst.Arg):
        return False
    call = site.ancestors[-2]
    return _called_name(call) in _KEEPERS and site.parent.keyword is None


def _called_name(node: cst.CSTNode) -> str:
    """Return `sum` for `x.sum()` and `torch.sum(x)`; empty for anything but such a call."""
    if isinstance(node, cst.Call) and isinstance(node.func, cst.Attribute):
        return node.func.attr.value
    return ""


def _renamed(call: cst.Call, name: str) -> cst.CSTNode:
    return call.with_deep_changes(call.func.attr, value=name)  # type: ignore[attr-defined]  # the callers asked


def _method(node: cst.CSTNode, name: str) -> cst.Call:
    loose = isinstance(node, cst.BinaryOperation) and not node.lpar
    value = node.with_changes(lpar=[cst.LeftParen()], rpar=[cst.RightParen()]) if loose else node
    return cst.Call(cst.Attribute(value=value, attr=cst.Name(name)))  # type: ignore[arg-type]  # an expression
