"""What a scenario can look at, ready made, so that a check stays a few lines long.

Each function returns plain observations: tensors, numbers, strings, None, lists and dicts.
Names are those of `named_parameters()`; a tied parameter appears once, under its first name.
Tensors that it returns are copies: what happens afterwards does not change them.

Some dicts hold one entry more, `"(observed)"`, which says what was looked at: the judge tells the
learner in words what kind of change it was.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Iterator

import numpy as np
import torch
from torch import nn
from torch.optim import Optimizer

Observed = dict[str, object]

OBSERVED = "(observed)"
STATE = "state of a model"
INPUTS = "inputs after a call"


def gradients(model: nn.Module) -> dict[str, torch.Tensor | None]:
    """Return `{parameter name: gradient}`: each of the parameter's shape, or None without one."""
    return {
        name: None if parameter.grad is None else parameter.grad.detach().clone()
        for name, parameter in model.named_parameters()
    }


def parameters(model: nn.Module) -> dict[str, torch.Tensor]:
    """Return `{parameter name: value}`, copies that keep dtype, shape and `requires_grad`."""
    return {name: _snapshot(parameter) for name, parameter in model.named_parameters()}


def state(model: nn.Module) -> Observed:
    """Return all that a function which only reads a model must leave as it was.

    Keys: `parameters` and `buffers` (name to value), `gradients` (name to gradient or None),
    `training` (module name to mode, True for training), and `"(observed)"`.
    """
    return {
        "parameters": parameters(model),
        "buffers": {name: _snapshot(buffer) for name, buffer in model.named_buffers()},
        "gradients": gradients(model),
        "training": {name: module.training for name, module in model.named_modules()},
        OBSERVED: STATE,
    }


def inputs_after(call: Callable[[], object], **inputs: object) -> Observed:
    """Make a call and return what its inputs are afterwards, to show a change in place.

    Args:
        call: takes nothing; what it returns is not looked at.
        inputs: by the names under which they are shown: tensors, models, and lists, tuples and
            dicts of them; anything else is shown as it is.

    Returns:
        `{name: value}`, and `"(observed)"`. A tensor keeps shape, dtype and `requires_grad`; of a
        model its `state` is shown.

    Raises:
        whatever `call` raises.
    """
    call()
    return {**{name: _seen(value) for name, value in inputs.items()}, OBSERVED: INPUTS}


def repeated(call: Callable[[], object], seed: int) -> list[object]:
    """Make a call twice, each time after seeding torch's, numpy's and Python's generators.

    Return the two results, copies. They are equal where all of the call's chance comes from the
    global generators and nothing is kept between calls.

    Args:
        call: takes nothing.
        seed: 0 to 2**32 - 1; take it from `draw.integer`, so that nobody knows it before.

    Raises:
        whatever `call` raises.
    """
    return [_seen(_call_seeded(call, seed)) for _ in range(2)]


def shares_memory(result: object, **inputs: object) -> list[str]:
    """Return the names of the inputs whose memory a result uses, in the order given.

    Args:
        result: a tensor or a model, or lists, tuples and dicts of them.
        inputs: such values, by the names under which they are shown. A model stands for its
            parameters and buffers.

    Two views of one storage share it even if they show different elements. Tensors without
    elements or without strided storage, and those on the meta device, share nothing. A list alone
    is the same for every seed: return it together with the result.
    """
    own = set(_addresses(result))
    return [name for name, value in inputs.items() if not own.isdisjoint(_addresses(value))]


def zeros(tensor: torch.Tensor) -> torch.Tensor:
    """Return where a tensor is exactly zero (also -0.0): bool, of the tensor's shape."""
    return tensor.detach() == 0


def form(value: object) -> str:
    """Say what kind of value this is without its numbers: for a tensor dtype, shape and graph.

    The text is the same for every seed: a check that observes nothing else is structural.
    """
    if not isinstance(value, torch.Tensor):
        return f"{type(value).__name__} (no tensor)"
    dtype = str(value.dtype).removeprefix("torch.")
    graph = "with" if value.requires_grad else "without"
    return f"{dtype} tensor of shape {tuple(value.shape)} on {value.device}, {graph} a graph"


def number(value: object) -> object:
    """Return a number, or a tensor's one element, as a float; of anything else its `form`.

    For a check of the value alone: shape, dtype, device and graph do not show.
    """
    if isinstance(value, torch.Tensor) and value.numel() == 1 and not value.is_meta:
        return value.detach().item()
    return float(value) if isinstance(value, int | float) else form(value)


def backward(result: object, model: nn.Module) -> dict[str, torch.Tensor | None] | str:
    """Go back from a scalar and return the gradients that the model's parameters then have.

    Gradients of before are cleared. Where there is no way back, the reason is returned instead.
    """
    if isinstance(result, torch.Tensor) and _has_way_back(result):
        model.zero_grad()
        torch.autograd.backward(result.sum())
        return gradients(model)
    return _say_no_way_back(result)


def gradient(result: object, tensor: torch.Tensor) -> torch.Tensor | str:
    """Return the gradient of a scalar with respect to one tensor, of the tensor's shape.

    Nobody's `.grad` is changed, and the graph is kept. Where there is no way back, the reason is
    returned instead.

    Args:
        result: a tensor of one element, whatever its shape.
        tensor: a leaf that requires a gradient, or anything on the way to the result.
    """
    if not isinstance(result, torch.Tensor) or not _has_way_back(result):
        return _say_no_way_back(result)
    found: tuple[torch.Tensor | None, ...] = torch.autograd.grad(
        result.sum(), tensor, retain_graph=True, allow_unused=True
    )
    if found[0] is None:
        return "no gradient: the result does not depend on it"
    return found[0].detach()


def random_state() -> torch.Tensor:
    """Return the state of torch's global CPU generator, uint8 of shape (5056,).

    Equal states before and after mean that no random number was drawn and no seed set.
    """
    return torch.get_rng_state()


def optimizer_settings(
    optimizer: Optimizer,
    model: nn.Module,
    settings: Iterable[str] = ("weight_decay",),
) -> Observed:
    """Return which of an optimizer's settings apply to which of a model's parameters.

    Neither the order of the groups' parameters nor how many groups there are shows, so that any
    right grouping gives the same observation.

    Returns:
        `{parameter name: {setting: value}}`; for a parameter that the optimizer does not hold
        exactly once, `"not in the optimizer"` or `"2 times in the optimizer"` instead.
        `"(not in the model)"` counts tensors which are no parameter of the model.

    Raises:
        KeyError: if a group lacks a setting.
    """
    held: list[tuple[torch.Tensor, Observed]] = [
        (parameter, {setting: group[setting] for setting in settings})
        for group in optimizer.param_groups
        for parameter in group["params"]
    ]
    observed: Observed = {}
    for name, parameter in model.named_parameters():
        found = [chosen for other, chosen in held if other is parameter]
        observed[name] = found[0] if len(found) == 1 else _say_times(len(found))
    known = {id(parameter) for parameter in model.parameters()}
    observed["(not in the model)"] = sum(id(parameter) not in known for parameter, _ in held)
    return observed


def optimizer_groups(optimizer: Optimizer, model: nn.Module) -> list[Observed]:
    """Return an optimizer's groups in their order, each with all of its settings.

    Shows more than a right solution has to share with the reference, such as the order of the
    groups: where any right grouping will do, take `optimizer_settings`, or judge the parameters'
    names with `judges.same_partition()`.

    Returns:
        for each group its settings, and `params`: the parameters' names, sorted;
        `"(not in the model)"` stands for a tensor that is no parameter of the model.
    """
    names = {id(parameter): name for name, parameter in model.named_parameters()}
    return [
        {
            **_plain_settings(group),
            "params": sorted(names.get(id(held), "(not in the model)") for held in group["params"]),
        }
        for group in optimizer.param_groups
    ]


def optimizer_defaults(optimizer: Optimizer) -> Observed:
    """Return `{setting: value}` that a group gets which does not say otherwise."""
    return _plain_settings(optimizer.defaults)


def _plain_settings(settings: dict[str, object]) -> Observed:
    return {name: _seen(value) for name, value in settings.items() if name != "params"}


def _say_times(count: int) -> str:
    return f"{count} times in the optimizer" if count else "not in the optimizer"


def _has_way_back(result: torch.Tensor) -> bool:
    return result.requires_grad and result.numel() == 1


def _say_no_way_back(result: object) -> str:
    if not isinstance(result, torch.Tensor) or not result.requires_grad:
        return f"no gradient: the result is a {form(result)}"
    return f"no gradient: the result has {result.numel()} elements"


def _call_seeded(call: Callable[[], object], seed: int) -> object:
    torch.manual_seed(seed)
    random.seed(seed)
    np.random.seed(seed)  # noqa: NPY002 - the global generator is what code may use
    return call()


def _seen(value: object) -> object:
    """Return a copy of what can be observed of a value; anything else as it is."""
    if isinstance(value, torch.Tensor):
        return _snapshot(value)
    if isinstance(value, nn.Module):
        return state(value)
    if isinstance(value, dict):
        return {key: _seen(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_seen(item) for item in value]
    return tuple(_seen(item) for item in value) if isinstance(value, tuple) else value


def _addresses(value: object) -> Iterator[int]:
    """Yield where the memory of a value's tensors begins, one number per storage."""
    if isinstance(value, torch.Tensor):
        if value.layout == torch.strided and value.numel() and not value.is_meta:
            yield value.untyped_storage().data_ptr()
    elif isinstance(value, nn.Module):
        yield from _addresses([*value.parameters(), *value.buffers()])
    elif isinstance(value, dict):
        yield from _addresses(list(value.values()))
    elif isinstance(value, list | tuple):
        for item in value:
            yield from _addresses(item)


def _snapshot(tensor: torch.Tensor) -> torch.Tensor:
    return tensor.detach().clone().requires_grad_(tensor.requires_grad)
