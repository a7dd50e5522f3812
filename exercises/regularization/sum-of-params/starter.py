import torch
from torch import nn


def l2_penalty(model: nn.Module) -> torch.Tensor:
    """Return the sum of the squares of all parameters of `model`, as a 0-dim tensor."""
    return torch.sum(model.parameters())
