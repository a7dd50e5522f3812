"""What a scenario can look at, ready made, so that a check stays a few lines long.

Each function returns plain observations: tensors, numbers, strings, None, lists and dicts.
Names are those of `named_parameters()`; a tied parameter appears once, under its first name.
"""

from __future__ import annotations

from collections.abc import Iterable

import torch
from torch import nn
from torch.optim import Optimizer

Observed = dict[str, object]


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
    `training` (module name to mode).
    """
    return {
        "parameters": parameters(model),
        "buffers": {name: _snapshot(buffer) for name, buffer in model.named_buffers()},
        "gradients": gradients(model),
        "training": {name: module.training for name, module in model.named_modules()},
    }


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
    if not isinstance(result, torch.Tensor) or not result.requires_grad:
        return f"no gradient: the result is a {form(result)}"
    if result.numel() != 1:
        return f"no gradient: the result has {result.numel()} elements"
    model.zero_grad()
    torch.autograd.backward(result.sum())
    return gradients(model)


def random_state() -> torch.Tensor:
    """Return the state of torch's global CPU generator, uint8 of shape (n,)."""
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


def _say_times(count: int) -> str:
    return f"{count} times in the optimizer" if count else "not in the optimizer"


def _snapshot(tensor: torch.Tensor) -> torch.Tensor:
    return tensor.detach().clone().requires_grad_(tensor.requires_grad)
