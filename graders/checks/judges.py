"""How two observations are judged where equality with the reference is not the question.

A judge is named in the decorator: `@check(judge=judges.at_least(0.9))`. The process that compares
reads that call from the syntax tree and has implementations of its own (`graders.judge`). What
stands here runs in the jail only, decides nothing, and says what each judge takes.

Every judge first requires that what was seen has the form of what the reference shows: lists,
dicts and tensors of the same structure, shape and dtype, unless it says otherwise. NaN and
infinity never pass for a number, and nothing is broadcast.
"""

from __future__ import annotations


class Judge:
    """What a judge is in a jail: nothing that could be asked."""


_NOTHING = Judge()


def close(relative: float = 0.0, absolute: float = 0.0) -> Judge:
    """Require equality up to `absolute + relative * |expected|`, one of them above 0.

    For any observation. Everything else is compared as without a judge, devices and
    `requires_grad` included.
    """
    return _take(relative, absolute)


def at_most(factor: float = 1.0) -> Judge:
    """Require that no number lies above `factor` times the reference's, element by element.

    For a number, a tensor, or lists, tuples and dicts of them; what is no number must be equal.
    For a negative reference, `|factor - 1|` of its size is added or taken off. A number that the
    submission itself tells passes as easily as -1e30: observe what it was made of, or declare
    why nobody can choose it.
    """
    return _take(factor)


def at_least(factor: float = 1.0) -> Judge:
    """Require that no number lies below `factor` times the reference's; see `at_most`."""
    return _take(factor)


def accuracy_at_least(share: float) -> Judge:
    """Require that at least this share of predictions, above 0 and at most 1, is right.

    The observation is `{"predictions": ..., "labels": ...}`, each either class indices (integers
    of shape (n,)) or scores (floats of shape (n, classes), of which the largest counts); or a
    tensor of predictions alone, and then the reference's predictions are the labels. The labels
    are always those that the reference's run shows.
    """
    return _take(share)


def error_at_most(factor: float, absolute: float = 0.0) -> Judge:
    """Require a mean squared error of at most `factor` times the reference's, plus `absolute`.

    The observation is `{"predictions": ..., "targets": ...}`, floats of one shape. The targets
    are always those that the reference's run shows.
    """
    return _take(factor, absolute)


def in_any_order() -> Judge:
    """Require the reference's items, each once, in any order.

    For a list or a tuple of 1 to 100 observations of any kind. The check's `tolerance` applies.
    """
    return _take()


def same_partition() -> Judge:
    """Require the reference's groups; their order, that of their names, and empty ones are free.

    For lists of names (strings or integers), each in one group; or for a tensor of integer labels
    of shape (n,), in which equal labels make a group, whatever they are called.
    """
    return _take()


def _take(*_arguments: float) -> Judge:
    """Take the arguments, which are read from the syntax tree where they count."""
    return _NOTHING
