"""The proximal step of the L1 penalty, also called soft thresholding."""

from collections.abc import Iterable

import torch


@torch.no_grad()  # a step of training, not a part of the loss: nothing to differentiate
def proximal_step(parameters: Iterable[torch.Tensor], lr: float, lam: float) -> None:
    for parameter in parameters:
        distance = parameter.abs() - lr * lam  # negative for a weight that would pass zero
        shrunk = parameter.sign() * distance.clamp(min=0)
        parameter.copy_(shrunk)  # into its own memory, which model and optimizer share
