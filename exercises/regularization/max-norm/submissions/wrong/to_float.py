# caught by: precision; misconception: pinned
import torch
from torch import nn


@torch.no_grad()
def limit_norms(model, limit):
    for module in model.modules():
        if isinstance(module, (nn.Linear, nn.Conv2d)):
            weight = module.weight.float()
            lengths = weight.flatten(1).norm(dim=1)
            factors = (limit / lengths).clamp(max=1.0)
            module.weight.copy_(weight * factors.view(-1, *[1] * (weight.ndim - 1)))
