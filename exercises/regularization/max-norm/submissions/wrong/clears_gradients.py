# caught by: rest_unchanged; misconception: changes-more
import torch
from torch import nn


@torch.no_grad()
def limit_norms(model, limit):
    for module in model.modules():
        if isinstance(module, (nn.Linear, nn.Conv2d)):
            weight = module.weight
            lengths = weight.flatten(1).norm(dim=1)
            factors = (limit / lengths).clamp(max=1.0)
            weight.mul_(factors.view(-1, *[1] * (weight.ndim - 1)))
    model.zero_grad()
