"""What a mutant may change: each operator is shown a site and yields nodes to put in its place.

An operator knows nothing of the exercise. It should make mistakes that a learner could make, and
none that no observation could tell from the original.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import libcst as cst

from graders.verify.operators import calls, expressions, literals, statements, tensors
from graders.verify.operators.sites import Site, parse, walk

Operator = Callable[[Site], Iterator[cst.CSTNode]]

OPERATORS: dict[str, Operator] = {
    "comparison": expressions.swap_comparison,
    "arithmetic": expressions.swap_arithmetic,
    "operand": expressions.drop_operand,
    "boolean": expressions.swap_boolean,
    "sign": expressions.drop_sign,
    "negation": expressions.negate_condition,
    "condition": expressions.drop_condition,
    "slice": expressions.widen_slice,
    "number": literals.change_number,
    "truth": literals.flip_truth,
    "string": literals.change_string,
    "element": literals.drop_element,
    "order": literals.swap_returned,
    "call": calls.drop_call,
    "arguments": calls.swap_arguments,
    "argument": calls.drop_argument,
    "mixed-up": calls.mix_up_function,
    "off-by-one": calls.miss_by_one,
    "removal": statements.remove_statement,
    "with": statements.unwrap_with,
    "else": statements.drop_else,
    "exit": statements.swap_exit,
    "early-return": statements.return_early,
    "decorator": statements.drop_decorator,
    "rebinding": statements.rebind,
    "overwriting": statements.overwrite,
    "in-place": tensors.swap_in_place,
    "attribute": tensors.drop_attribute,
    "detach": tensors.insert_detach,
    "item": tensors.insert_item,
    "clone": tensors.insert_clone,
    "no-grad": tensors.insert_no_grad,
}
"""The operators by the name that their mutants are told by."""

__all__ = ["OPERATORS", "Operator", "Site", "parse", "walk"]
