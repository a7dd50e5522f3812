# caught by: zero_row; misconception: zero-rows
import torch
from torch import nn


@torch.no_grad()
def limit_norms(model, limit):
    for module in model.modules():
        if isinstance(module, (nn.Linear, nn.Conv2d)):
            weight = module.weight
            lengths = weight.flatten(1).norm(dim=1)
            factors = lengths.clamp(max=limit) / lengths
            weight.mul_(factors.view(-1, *[1] * (weight.ndim - 1)))
