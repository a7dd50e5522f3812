"""Judging what was learned: predictions against the reference's labels and targets."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from graders.judge.comparing import Tolerance, pair_alike
from graders.judge.words import Array, differ, say_number
from graders.model import Difference
from graders.wire import TensorValue

PREDICTIONS = "predictions"
LABELS = "labels"
TARGETS = "targets"
_SCORES = 2  # dimensions of (n, classes)
_NO_CLASS = np.iinfo(np.int64).min


def require_classes(expected: object) -> str:
    """Say why no accuracy can be had from the reference's observation, or nothing."""
    predicted, right = _classes(expected, PREDICTIONS), _classes(expected, LABELS)
    if predicted is None or right is None:
        return (
            "needs a tensor of predictions, or a dict of predictions and labels: class indices of "
            "shape (n,) or scores of shape (n, classes), n at least 1"
        )
    if len(predicted) != len(right):
        return f"needs as many labels as predictions, not {len(right)} for {len(predicted)}"
    return "needs scores that are numbers" if (right == _NO_CLASS).any() else ""


def judge_accuracy(
    expected: object,
    got: object,
    arguments: Mapping[str, float],
    _tolerance: Tolerance | None,
) -> Difference | None:
    """Count which of the submission's predictions are the reference's labels.

    `got`'s own labels are not even looked at. A row with a score that is no number is wrong.
    """
    difference = pair_alike(_leave_predictions(expected), _leave_predictions(got), [])
    if difference is not None:
        return difference
    predicted, right = _classes(got, PREDICTIONS), _classes(expected, LABELS)
    if predicted is None or right is None:
        return _differ_without_data()
    hits, count = int((predicted == right).sum()), len(right)
    if hits / count >= arguments["share"]:
        return None
    told = f"at least {arguments['share']:.4g} of the predictions right", f"{hits / count:.4g}"
    return differ("judged", "", *told, note=f"{hits} of {count} are right")


def require_targets(expected: object) -> str:
    """Say why no error can be had from the reference's observation, or nothing."""
    predictions, targets = _array(expected, PREDICTIONS), _array(expected, TARGETS)
    if not isinstance(expected, dict) or predictions is None or targets is None:
        return "needs a dict of the tensors predictions and targets"
    if predictions.shape != targets.shape or not predictions.size:
        return "needs predictions and targets of one shape, with at least one element"
    both = predictions, targets
    if any(array.dtype.kind != "f" or not np.isfinite(array).all() for array in both):
        return "needs finite floating predictions and targets"
    return ""


def judge_error(
    expected: object,
    got: object,
    arguments: Mapping[str, float],
    _tolerance: Tolerance | None,
) -> Difference | None:
    """Compare the mean squared errors of both predictions, each to the reference's targets."""
    difference = pair_alike(_leave_predictions(expected), _leave_predictions(got), [])
    if difference is not None:
        return difference
    wanted, targets = _array(expected, PREDICTIONS), _array(expected, TARGETS)
    shown = _array(got, PREDICTIONS)
    if wanted is None or targets is None or shown is None:
        return _differ_without_data()
    limit = arguments["factor"] * _error(wanted, targets) + arguments["absolute"]
    error = _error(shown, targets)
    if error <= limit:  # never so where it is no number
        return None
    told = f"a mean squared error of at most {say_number(limit)}", say_number(error)
    return differ("judged", "", *told)


def _leave_predictions(observation: object) -> object:
    """Return the part of an observation whose form must be the reference's."""
    if not isinstance(observation, dict):
        return observation
    return {key: value for key, value in observation.items() if key == PREDICTIONS}


def _array(observation: object, key: str) -> Array | None:
    """Return one tensor's elements; a bare tensor stands for each of its parts."""
    found = observation.get(key) if isinstance(observation, dict) else observation
    return found.array if isinstance(found, TensorValue) else None


def _classes(observation: object, key: str) -> Array | None:
    """Return the class of each row, `_NO_CLASS` for a row that has none; None for another form."""
    array = _array(observation, key)
    if array is None or not array.size:
        return None
    if array.ndim == 1 and array.dtype.kind in "iub":
        return array.astype(np.int64)
    if array.ndim != _SCORES or array.dtype.kind != "f":
        return None
    finite = np.isfinite(array).all(axis=1)
    return np.where(finite, array.argmax(axis=1), _NO_CLASS)


def _differ_without_data() -> Difference:
    return differ("device", "", "a tensor with elements", "one without")


def _error(predictions: Array, targets: Array) -> float:
    with np.errstate(all="ignore"):
        return float(((predictions.astype(np.float64) - targets.astype(np.float64)) ** 2).mean())
