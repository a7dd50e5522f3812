"""The proximal step of the L1 penalty, also called soft thresholding."""

from collections.abc import Iterable

import torch


@torch.no_grad()  # a step of training, not a part of the loss: nothing to differentiate
def proximal_step(parameters: Iterable[torch.Tensor], lr: float, lam: float) -> None:
    for parameter in parameters:
        distance = parameter.abs() - lr * lam  # from zero, after the step; negative if it is passed
        parameter.copy_(parameter.sign() * distance.clamp(min=0))
