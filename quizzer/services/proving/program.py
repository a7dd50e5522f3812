"""What the jail runs to prove an item. The site never imports this module: it sends its text.

It executes the author's code as the item shows it, under each seed, and tells what came of it. What
is right is decided outside, so the key of an item does not come here.
"""

from __future__ import annotations

import contextlib
import io
import random
import traceback
from collections.abc import Callable
from typing import Any

import numpy as np
import torch

_LONGEST_TEXT = 20_000
_NAMES = ("answer", "truth", "ok")
_ABSENT = object()

Namespace = dict[str, Any]
Step = tuple[str, str, str]


def main(arguments: dict[str, Any]) -> list[dict[str, Any]]:
    """Prove under every seed; one result per seed.

    Args:
        arguments: `seeds`; `steps`, each a name, its code and what it is for (`run`, `print`,
            `verify`); `fillings`, the codes that `ok` is asked about.
    """
    steps = [(str(name), str(code), str(use)) for name, code, use in arguments["steps"]]
    fillings = [str(code) for code in arguments["fillings"]]
    return [_prove(seed, steps, fillings) for seed in arguments["seeds"]]


def _prove(seed: int, steps: list[Step], fillings: list[str]) -> dict[str, Any]:
    _seed(seed)
    namespace: Namespace = {"__name__": "proof"}
    result: dict[str, Any] = {"error": None, "printed": [], "names": [], "passes": []}
    for step in steps:
        before = {name: namespace.get(name, _ABSENT) for name in _NAMES}
        printed, error = _execute(step, namespace)
        if step[2] == "print":
            result["printed"].append([printed, error])
        elif error is not None:
            return {**result, "error": error}
        if step[2] == "verify":
            result.update(_outcome(namespace, before))
    if "ok" in result["names"]:
        result["passes"] = [_try(namespace["ok"], code, seed) for code in fillings]
    return result


def _seed(seed: int) -> None:
    """Set every random state that an author's code may draw from."""
    random.seed(seed)
    np.random.seed(seed)  # noqa: NPY002 - that is the state meant
    torch.manual_seed(seed)


def _execute(step: Step, namespace: Namespace) -> tuple[str, dict[str, Any] | None]:
    """Execute one step; return what it printed and how it failed, if it did."""
    name, code, _ = step
    printed = io.StringIO()
    try:
        with contextlib.redirect_stdout(printed):
            exec(compile(code, name, "exec"), namespace)  # noqa: S102 - that is what the jail is for
    except MemoryError:
        raise
    except BaseException as error:  # noqa: BLE001 - whatever it is, the author is told
        return printed.getvalue()[:_LONGEST_TEXT], _describe(error)
    return printed.getvalue()[:_LONGEST_TEXT], None


def _describe(error: BaseException) -> dict[str, Any]:
    """Where the author's code failed: the innermost frame that has a line of it."""
    places = [
        [frame.filename, frame.lineno]
        for frame in traceback.extract_tb(error.__traceback__)
        if frame.filename.startswith("step ")
    ]
    if isinstance(error, SyntaxError) and (error.filename or "").startswith("step "):
        places.append([error.filename, error.lineno])
    last_line = traceback.format_exception_only(error)[-1].strip()
    return {"places": places, "message": last_line[:_LONGEST_TEXT]}


def _outcome(namespace: Namespace, before: dict[str, Any]) -> dict[str, Any]:
    """What the proof set, as plain data."""
    names = [name for name in _NAMES if namespace.get(name, _ABSENT) is not before[name]]
    outcome: dict[str, Any] = {"names": names}
    if "answer" in names:
        outcome["answer"] = _plain_answer(namespace["answer"])
    if "truth" in names:
        outcome["truth"] = _plain_truth(namespace["truth"])
    return outcome


def _plain_answer(value: object) -> dict[str, Any]:
    """An answer as text, as Python writes it, and as a number where it is one."""
    number = None
    single = _unwrap(value)
    if isinstance(single, int | float) and not isinstance(single, bool):
        number = float(single)
    return {
        "text": str(value)[:_LONGEST_TEXT],
        "code": repr(value)[:_LONGEST_TEXT],
        "number": number,
    }


def _plain_truth(truth: object) -> dict[str, Any] | str:
    """One entry per option: a bool, or what stands there instead."""
    if not isinstance(truth, dict):
        return repr(truth)[:_LONGEST_TEXT]
    plain = {str(key): _unwrap(value) for key, value in truth.items()}
    return {k: v if isinstance(v, bool) else repr(v)[:_LONGEST_TEXT] for k, v in plain.items()}


def _unwrap(value: object) -> object:
    """The Python scalar of a tensor or array with one element; anything else as it is."""
    if isinstance(value, torch.Tensor | np.ndarray | np.generic):
        return value.item() if value.shape == () else value
    return value


def _try(ok: Callable[[str], object], code: str, seed: int) -> list[Any]:
    """Whether a filling passes; one that raises does not, and the text says why."""
    _seed(seed)  # so that no filling's outcome hangs on those before it
    try:
        with contextlib.redirect_stdout(io.StringIO()):
            return [bool(ok(code)), ""]
    except MemoryError:
        raise
    except BaseException as error:  # noqa: BLE001 - a wrong filling may do anything
        return [False, _describe(error)["message"]]
