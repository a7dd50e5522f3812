# caught by: rest_unchanged, training; misconception: changes-more
import torch
from torch import nn


def limit_norms(model, limit):
    for module in model.modules():
        if isinstance(module, (nn.Linear, nn.Conv2d)):
            module.weight.requires_grad_(False)
            weight = module.weight
            lengths = weight.flatten(1).norm(dim=1)
            factors = (limit / lengths).clamp(max=1.0)
            weight.mul_(factors.view(-1, *[1] * (weight.ndim - 1)))
