"""Optimizer groups by layer: the innermost module with a strength decides for what is below it."""

from torch import nn


def layer_groups(model: nn.Module, strengths: dict[str, float], default: float) -> list[dict]:
    known = dict(model.named_modules())
    for name in strengths:
        if name not in known:
            raise ValueError(f"the model has no module called {name!r}")
    groups = {}  # strength: parameters
    for name, parameter in model.named_parameters():  # a shared one comes once
        if parameter.requires_grad:
            groups.setdefault(find_strength(name, strengths, default), []).append(parameter)
    return [
        {"params": parameters, "weight_decay": strength}
        for strength, parameters in groups.items()
    ]


def find_strength(name: str, strengths: dict[str, float], default: float) -> float:
    """Walk from a parameter outwards, as from body.2.1.bias to body.2.1, body.2 and body."""
    while name:
        name, _, _ = name.rpartition(".")
        if name in strengths:  # not `strengths.get(name) or …`: 0.0 is a strength
            return strengths[name]
    return default
