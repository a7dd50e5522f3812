"""The sum of absolute parameters, |w|: its pull towards zero is as strong on small ones."""

import torch
from torch import nn


def l1_penalty(model: nn.Module, skip_bias: bool) -> torch.Tensor:
    sizes = [
        parameter.abs().sum()  # of shape (); autograd takes 0 for the slope of |x| at x = 0
        for name, parameter in model.named_parameters()
        if not (skip_bias and is_bias(name))
    ]
    return torch.stack(sizes).sum()


def is_bias(name: str) -> bool:
    """Whether the last part of a dotted name is `bias`: `head.bias`, not `unbiased.weight`."""
    return name.split(".")[-1] == "bias"
