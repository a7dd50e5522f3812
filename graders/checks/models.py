"""Small networks to try a solution on, each with one thing that a careless solution overlooks.

A new one is in training mode, float32 and on the CPU, and its parameters depend on torch's global
generator: give it to `draw.module(...)`, which refills it and moves it to the grading's device.
Another dtype or device is the author's to choose: `models.tied().double()`,
`models.nested().to(torch.bfloat16)`, or for one without memory

    with torch.device("meta"):
        model = models.nested()

Raises nothing. The names of its parameters are part of what a network promises; they are given
below in the order of `named_parameters()`.
"""

from __future__ import annotations

import torch
from torch import nn


def nested() -> nn.Module:
    """Return networks inside a network, and a parameter that is in no layer.

    Takes floats of shape (n, 3), returns (n, 2). Parameters: `scale` of shape (2,),
    `first.weight` and `first.bias`, and the same of `body.0`, `body.2.0` and `body.2.2`. The
    names tell no layer's kind; `body.0` is a LayerNorm.
    """
    return _Nested()


def tied() -> nn.Module:
    """Return a network that uses one weight in two layers.

    Takes int64 of shape (n,) from 0 to 4, returns floats of shape (n, 5). The embedding's weight,
    of shape (5, 3), is the output layer's too. Parameters: `embedding.weight`, `hidden.weight`,
    `hidden.bias`, `output.bias`; `state_dict()` lists `output.weight` as well.
    """
    return _Tied()


def frozen() -> nn.Module:
    """Return a network of three linear layers, of which the first requires no gradient.

    Takes floats of shape (n, 3), returns (n, 2). Parameters: weight and bias of `0`, both frozen,
    of `2`, of which the bias is frozen, and of `4`.
    """
    model = _stack(nn.Linear(3, 4), nn.Linear(4, 4), nn.Linear(4, 2))
    model[0].requires_grad_(False)
    model[2].bias.requires_grad_(False)
    return model


def with_buffers() -> nn.Module:
    """Return a network whose BatchNorm keeps running statistics, which are no parameters.

    Takes floats of shape (n, 3), returns (n, 2); in training mode n must be at least 2, and a
    pass changes the buffers. Parameters: weight and bias of `0`, `1` and `3`. Buffers:
    `1.running_mean` and `1.running_var` of shape (4,), `1.num_batches_tracked` (int64, ()).
    """
    return nn.Sequential(nn.Linear(3, 4), nn.BatchNorm1d(4), nn.ReLU(), nn.Linear(4, 2))


def dropout_and_norm() -> nn.Module:
    """Return a network that behaves otherwise in training than in evaluation mode.

    Takes floats of shape (n, 3), returns (n, 2); in training mode n must be at least 2, a pass
    draws random numbers and changes the buffers. Parameters: weight and bias of `0`, `1`, `4`.
    Dropout (p = 0.5) is `3`, BatchNorm with its buffers `1`.
    """
    return nn.Sequential(
        nn.Linear(3, 8), nn.BatchNorm1d(8), nn.ReLU(), nn.Dropout(0.5), nn.Linear(8, 2)
    )


def _stack(*layers: nn.Module) -> nn.Sequential:
    """Return layers one after the other with a ReLU between any two."""
    parts = [part for layer in layers for part in (layer, nn.ReLU())]
    return nn.Sequential(*parts[:-1])


class _Nested(nn.Module):
    """See `nested`."""

    def __init__(self) -> None:
        super().__init__()
        self.scale = nn.Parameter(torch.ones(2))
        self.first = nn.Linear(3, 4)
        self.body = nn.Sequential(
            nn.LayerNorm(4), nn.ReLU(), _stack(nn.Linear(4, 4), nn.Linear(4, 2))
        )

    def forward(self, inputs: torch.Tensor) -> torch.Tensor:
        outputs: torch.Tensor = self.scale * self.body(self.first(inputs))
        return outputs


class _Tied(nn.Module):
    """See `tied`."""

    def __init__(self) -> None:
        super().__init__()
        self.embedding = nn.Embedding(5, 3)
        self.hidden = nn.Linear(3, 3)
        self.output = nn.Linear(3, 5)
        self.output.weight = self.embedding.weight

    def forward(self, inputs: torch.Tensor) -> torch.Tensor:
        outputs: torch.Tensor = self.output(self.hidden(self.embedding(inputs)).relu())
        return outputs
