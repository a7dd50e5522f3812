import torch
from torch import nn


def l1_penalty(model: nn.Module, skip_bias: bool) -> torch.Tensor:
    """Return the sum of the absolute values of `model`'s parameters, as a 0-dim tensor."""
    total = torch.tensor(0.0)
    for name, parameter in model.named_parameters():
        if "bias" in name:
            continue
        total += torch.sqrt(parameter**2).sum()  # the root of the square is the absolute value
    return total
