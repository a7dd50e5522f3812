"""The sum of squared parameters, ||w||²: what weight decay takes the gradient of."""

import torch
from torch import nn


def l2_penalty(model: nn.Module) -> torch.Tensor:
    # parameters() walks nested modules and hands out a shared parameter once.
    squares = [parameter.pow(2).sum() for parameter in model.parameters()]  # each of shape ()
    return torch.stack(squares).sum()
