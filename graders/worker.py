"""What a jailed worker does with a message. Runs in the jail only; imports torch.

The process is thrown away after one submission and nothing it says is believed: it only shows
what the submission does. So this module defends nothing; the jail and the judge do.
"""

from __future__ import annotations

import contextlib
import linecache
import random
import sys
import traceback
import types
from collections.abc import Callable
from typing import Any

import numpy as np
import torch

from graders.checks.draw import Draw
from graders.checks.watch import Watch
from graders.wire import TensorValue

MESSAGE_CHARS = 2000
NAME_CHARS = 80
FRAMES = 30

State = dict[str, Any]
Message = dict[str, Any]


def handle(state: State, message: Message) -> Message:
    """Carry out one message.

    Args:
        state: what earlier messages left, kept by the caller for the life of the process.
        message: `do` names the action: load, checks, observe, remarks, judge or run; see the
            functions below.

    Returns:
        `{"ok": value}` or `{"error": {type, message, frames, kind}}`, where frames are
        `[filename, line, function, text]`, innermost last, and kind is exception, memory or
        exit. Whatever the code raises, even an exit, becomes an error.
    """
    try:
        return {"ok": _ACTIONS[message["do"]](state, message)}
    except BaseException as error:  # noqa: BLE001 - an exit of the submission is its own failure
        return {"error": _describe(state, error)}
    finally:
        with contextlib.suppress(BaseException):
            sys.stdout.flush()
            sys.stderr.flush()


def warm_up() -> None:
    """Do what a typical job does, so that its lazy imports and first touches are paid before."""
    state: State = {}
    messages: list[Message] = [
        {"do": "load", "source": _WARM_SOLUTION, "filename": "warm_solution.py"},
        {"do": "checks", "source": _WARM_CHECKS, "filename": "warm_checks.py"},
        {"do": "observe", "check": "step", "source": None, "seed": 1, "device": "cpu"},
        {"do": "observe", "check": "failure", "source": None, "seed": 1, "device": "cpu"},
    ]
    replies = [handle(state, message) for message in messages]
    for name in ("solution", "checks"):
        sys.modules.pop(name, None)
    linecache.clearcache()
    failed = [reply["error"]["message"] for reply in replies[:-1] if "error" in reply]
    if failed:
        raise RuntimeError(f"the warm-up failed: {failed}")


def _load(state: State, message: Message) -> Message:
    """Run a submission's file as the module `solution`; tell its top-level names.

    `values` maps those which cannot be called to their type's name.
    Where the message has names to `watch`, calls of these are noticed from here on.
    """
    _seed(0)
    module = _make_module("solution", message["filename"], state)
    state["solution"] = module
    if message.get("watch"):
        state["watch"] = Watch(message["watch"], vars(module))
    with _watched(state):
        _run_source(message["source"], message["filename"], vars(module))
    named = {name: value for name, value in vars(module).items() if not name.startswith("__")}
    values = {name: type(value).__name__ for name, value in named.items() if not callable(value)}
    return {"names": list(named), "values": values}


def _checks(state: State, message: Message) -> None:
    """Run the exercise's visible checks file, which defines the scenarios."""
    module = _execute("checks", message["source"], message["filename"], state)
    state["scenarios"] = vars(module)
    state["checks_file"] = message["filename"]


def _observe(state: State, message: Message) -> object:
    """Run one scenario and return its observation; a hidden one arrives as `source`."""
    scenarios = state["scenarios"]
    if message["source"] is not None:
        _run_source(message["source"], state["checks_file"], scenarios)
    _seed(message["seed"])
    draw = Draw(message["seed"], message["device"])
    with _watched(state):
        return scenarios[message["check"]](state["solution"], draw)


def _remarks(state: State, _message: Message) -> list[list[object]]:
    """Tell which watched names were called, each with a line, and watch no longer."""
    watch: Watch = state.pop("watch")
    return [[line, name] for name, line in watch.found.items()]


def _judge(state: State, message: Message) -> object:
    """Ask an author's own judge, in the worker of the reference: None, or what is wrong."""
    scenarios = state["scenarios"]
    _run_source(message["source"], state["checks_file"], scenarios)
    _seed(0)
    return scenarios[message["judge"]](_revive(message["expected"]), _revive(message["got"]))


def _revive(value: object) -> object:
    """Return an observation as its scenario returned it: tensors again, but on the CPU."""
    if isinstance(value, TensorValue):
        return _revive_tensor(value)
    if isinstance(value, dict):
        return {key: _revive(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_revive(item) for item in value]
    return tuple(map(_revive, value)) if isinstance(value, tuple) else value


def _revive_tensor(value: TensorValue) -> torch.Tensor:
    dtype = getattr(torch, value.dtype)
    if value.array is None:
        return torch.empty(value.shape, dtype=dtype, device="meta")
    return torch.from_numpy(value.array.copy()).to(dtype).requires_grad_(value.requires_grad)


def _run(state: State, message: Message) -> object:
    """Run author's code and return the value of its `main(arguments)`."""
    _seed(message["seed"])
    module = _execute("program", message["source"], message["filename"], state)
    return module.main(message["arguments"])


_ACTIONS: dict[str, Callable[[State, Message], object]] = {
    "load": _load,
    "checks": _checks,
    "observe": _observe,
    "remarks": _remarks,
    "judge": _judge,
    "run": _run,
}


def _seed(seed: int) -> None:
    # torch.manual_seed would also visit every other backend: up to a millisecond for nothing.
    torch.default_generator.manual_seed(seed)
    if torch.cuda.is_initialized():  # type: ignore[no-untyped-call]
        torch.cuda.manual_seed_all(seed)
    random.seed(seed)
    np.random.seed(seed % 2**32)  # noqa: NPY002 - the global generator is what code may use


def _watched(state: State) -> contextlib.AbstractContextManager[object]:
    return state.get("watch") or contextlib.nullcontext()


def _execute(name: str, source: str, filename: str, state: State) -> types.ModuleType:
    module = _make_module(name, filename, state)
    _run_source(source, filename, vars(module))
    return module


def _make_module(name: str, filename: str, state: State) -> types.ModuleType:
    module = types.ModuleType(name)
    module.__file__ = filename
    state.setdefault("files", set()).add(filename)
    # Before it runs: dataclasses and typing look their module up while it is being executed.
    sys.modules[name] = module
    return module


def _run_source(source: str, filename: str, namespace: dict[str, Any]) -> None:
    linecache.cache[filename] = (len(source), None, source.splitlines(keepends=True), filename)
    exec(compile(source, filename, "exec"), namespace)  # noqa: S102 - what the jail is for


def _describe(state: State, error: BaseException) -> Message:
    try:
        return {
            "type": type(error).__name__[:NAME_CHARS],
            "message": _text(error),
            "frames": _frames(state, error),
            "kind": _kind(error),
        }
    except BaseException:  # noqa: BLE001 - an error made to resist description
        return {"type": "Exception", "message": "", "frames": [], "kind": "exception"}


def _text(error: BaseException) -> str:
    if isinstance(error, SyntaxError):
        return str(error.msg)[:MESSAGE_CHARS]
    return str(error)[:MESSAGE_CHARS]


def _frames(state: State, error: BaseException) -> list[list[object]]:
    files = state.get("files", set())
    frames: list[list[object]] = [
        [frame.filename, frame.lineno or 0, frame.name[:NAME_CHARS], (frame.line or "")[:200]]
        for frame in traceback.extract_tb(error.__traceback__)
        if frame.filename in files
    ]
    if isinstance(error, SyntaxError) and error.filename in files:
        frames.append([error.filename, error.lineno or 0, "", (error.text or "").strip()[:200]])
    return frames[-FRAMES:]


def _kind(error: BaseException) -> str:
    if isinstance(error, SystemExit | KeyboardInterrupt):
        return "exit"
    out_of_memory = isinstance(error, MemoryError | torch.OutOfMemoryError)
    allocator = isinstance(error, RuntimeError) and "allocate memory" in str(error)
    return "memory" if out_of_memory or allocator else "exception"


_WARM_SOLUTION = """
import math
import torch
import torch.nn.functional as F
from torch import nn

def loss(model, inputs):
    penalty = sum(p.pow(2).sum() for p in model.parameters())
    return F.mse_loss(model(inputs), torch.zeros(8, 4)) + penalty

def attend(x):
    return (x @ x.transpose(-1, -2)).tril().softmax(-1) @ x
"""

_WARM_CHECKS = """
import torch
from torch import nn
from graders import check, observe

@check(points=2)
def step(solution, draw):
    "One training step."
    hidden = [nn.Linear(16, 32), nn.BatchNorm1d(32), nn.ReLU()]
    model = draw.module(nn.Sequential(*hidden, nn.Linear(32, 4)))
    optimizer = torch.optim.SGD(model.parameters(), 0.1)
    for _ in range(2):
        optimizer.zero_grad()
        solution.loss(model, draw.tensor(8, 16)).backward()
        optimizer.step()
    x = draw.tensor(2, 8, 8, requires_grad=True)
    y = solution.attend(x)
    (g,) = torch.autograd.grad(y, x, torch.ones_like(y))
    settings = observe.optimizer_settings(optimizer, model)
    return [y, g, observe.state(model), settings, draw.integer(1, 3), draw.number(0.0, 1.0), "text"]

@check
def failure(solution, draw):
    "An error, described."
    raise ValueError(solution.missing)
"""
