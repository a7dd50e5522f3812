# caught by: filters, pointwise, unusual; misconception: linear-only
import torch
from torch import nn


@torch.no_grad()
def limit_norms(model, limit):
    for module in model.modules():
        if isinstance(module, nn.Linear):
            weight = module.weight
            lengths = weight.flatten(1).norm(dim=1)
            factors = (limit / lengths).clamp(max=1.0)
            weight.mul_(factors.view(-1, *[1] * (weight.ndim - 1)))
