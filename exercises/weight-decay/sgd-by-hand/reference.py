"""One SGD step with weight decay: one more gradient, that of ½·weight_decay·||p||²."""

from collections.abc import Iterable

import torch


@torch.no_grad()  # otherwise autograd would refuse to have a leaf changed in place
def sgd_step(parameters: Iterable[torch.Tensor], lr: float, weight_decay: float) -> None:
    for parameter in parameters:
        if parameter.grad is None:  # not used by the loss: no step, and no decay either
            continue
        # A new tensor: adding in place would change the gradient that others may still read.
        gradient = parameter.grad + weight_decay * parameter
        parameter.sub_(lr * gradient)
