"""Where a mutant may be made: the nodes that an operator is shown, and what is around them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeVar

import libcst as cst

from graders.errors import GraderError

Kind = TypeVar("Kind", bound=cst.CSTNode)

_NEVER_ENTERED = (cst.Annotation, cst.Decorator, cst.Import, cst.ImportFrom, cst.Raise)
_TIGHT = (
    cst.Attribute,
    cst.BinaryOperation,
    cst.BooleanOperation,
    cst.ComparisonTarget,
    cst.Comparison,
    cst.StarredElement,
    cst.Subscript,
    cst.UnaryOperation,
)
_LOOSE_EXPRESSIONS = (
    cst.BinaryOperation,
    cst.BooleanOperation,
    cst.Comparison,
    cst.IfExp,
    cst.Lambda,
    cst.UnaryOperation,
)
_NO_GRAD = ("no_grad", "inference_mode", "set_grad_enabled")


@dataclass(frozen=True, slots=True)
class Site:
    """One node, its ancestors and what the module imports.

    Attributes:
        node: what an operator may replace.
        ancestors: of the node, outermost first, nodes of whitespace left out.
        imported: the names that imports bind in the module.
    """

    node: cst.CSTNode
    ancestors: tuple[cst.CSTNode, ...]
    imported: frozenset[str]

    @property
    def parent(self) -> cst.CSTNode:
        """The node around this one; the module is its own."""
        return self.ancestors[-1] if self.ancestors else self.node

    @property
    def function(self) -> cst.FunctionDef | None:
        """The innermost function around the node, or None at the top level."""
        around = [node for node in self.ancestors if isinstance(node, cst.FunctionDef)]
        return around[-1] if around else None

    def is_without_gradients(self) -> bool:
        """Whether a `torch.no_grad()` or its like is around the node."""
        return any(_stops_gradients(node) for node in (*self.ancestors, self.node))

    def is_imported(self, expression: cst.CSTNode) -> bool:
        """Whether this is a name that was imported, or reached from one: `torch.nn`."""
        while isinstance(expression, cst.Attribute):
            expression = expression.value
        return isinstance(expression, cst.Name) and expression.value in self.imported

    def fit(self, expression: cst.BaseExpression) -> cst.BaseExpression:
        """Return an expression that can stand at the node's place, in parentheses if need be."""
        if expression.lpar:
            return expression
        if isinstance(expression, cst.GeneratorExp) or (
            isinstance(expression, _LOOSE_EXPRESSIONS) and self._is_bound_tightly()
        ):
            return in_parentheses(expression)
        return expression

    def _is_bound_tightly(self) -> bool:
        if isinstance(self.parent, cst.Call):
            return self.parent.func is self.node
        return isinstance(self.parent, _TIGHT)


def parse(source: str) -> cst.Module:
    """Return the tree of a reference, with every blank and comment.

    Raises:
        GraderError: with the line, for Python that is too new for the parser.
    """
    try:
        return cst.parse_module(source)
    except cst.ParserSyntaxError as error:
        reason = error.message.splitlines()[0]
        raise GraderError(f"reference.py:{error.raw_line}: no mutants of this: {reason}") from error


def walk(module: cst.Module) -> Iterator[Site]:
    """Yield every site of a module, outer nodes first, in the order of the file.

    Nothing is yielded of imports, annotations, decorators, docstrings, of what is raised, of the
    message of an assertion, and of `if __name__ == "__main__"`.
    """
    yield from _walk(module, (), _find_imported(module))


def in_parentheses(expression: cst.BaseExpression) -> cst.BaseExpression:
    """Return the expression with a pair of parentheses around it."""
    return expression.with_changes(
        lpar=[cst.LeftParen(), *expression.lpar], rpar=[*expression.rpar, cst.RightParen()]
    )


def is_docstring(statement: cst.CSTNode) -> bool:
    """Whether a statement is a string and nothing else."""
    if not isinstance(statement, cst.SimpleStatementLine):
        return False
    first = statement.body[0]
    texts = (cst.SimpleString, cst.ConcatenatedString)
    return isinstance(first, cst.Expr) and isinstance(first.value, texts)


def is_main(statement: cst.CSTNode) -> bool:
    """Whether a statement is `if __name__ == "__main__": …`."""
    test = statement.test if isinstance(statement, cst.If) else None
    left = test.left if isinstance(test, cst.Comparison) else None
    return isinstance(left, cst.Name) and left.value == "__name__"


def _walk(
    node: cst.CSTNode, ancestors: tuple[cst.CSTNode, ...], imported: frozenset[str]
) -> Iterator[Site]:
    yield Site(node, ancestors, imported)
    for child in node.children:
        if not _is_skipped(child, node):
            yield from _walk(child, (*ancestors, node), imported)


def _is_skipped(child: cst.CSTNode, parent: cst.CSTNode) -> bool:
    if isinstance(child, _NEVER_ENTERED) or is_docstring(child) or is_main(child):
        return True
    return isinstance(parent, cst.Assert) and child is parent.msg


def _find_imported(module: cst.Module) -> frozenset[str]:
    names = set()
    for alias in find_nodes(module, cst.ImportAlias):
        target: cst.BaseExpression = alias.asname.name if alias.asname else alias.name
        while isinstance(target, cst.Attribute):
            target = target.value
        if isinstance(target, cst.Name):
            names.add(target.value)
    return frozenset(names)


def _all_nodes(node: cst.CSTNode) -> Iterator[cst.CSTNode]:
    yield node
    for child in node.children:
        yield from _all_nodes(child)


def find_nodes(node: cst.CSTNode, kind: type[Kind]) -> list[Kind]:
    """Return the nodes of a kind in a tree, the root included, in the order of the file."""
    return [found for found in _all_nodes(node) if isinstance(found, kind)]


def _stops_gradients(node: cst.CSTNode) -> bool:
    if isinstance(node, cst.With):
        marks: list[cst.CSTNode] = [item.item for item in node.items]
    elif isinstance(node, cst.FunctionDef):
        marks = [decorator.decorator for decorator in node.decorators]
    else:
        return False
    names = {name.value for mark in marks for name in find_names(mark)}
    return not names.isdisjoint(_NO_GRAD)


def find_with_gradients(node: cst.CSTNode) -> Iterator[cst.Call]:
    """Yield the calls in a tree, but for those that a `torch.no_grad()` in it is around."""
    if isinstance(node, cst.Call):
        yield node
    if not _stops_gradients(node):
        for child in node.children:
            yield from find_with_gradients(child)


def find_names(node: cst.CSTNode) -> list[cst.Name]:
    """Return the names in a tree, those behind dots included."""
    return find_nodes(node, cst.Name)
