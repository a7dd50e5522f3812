# caught by: same_parameters, rest_unchanged, training, unusual; misconception: new-parameter
import torch
from torch import nn


@torch.no_grad()
def limit_norms(model, limit):
    for module in model.modules():
        if isinstance(module, (nn.Linear, nn.Conv2d)):
            weight = module.weight
            lengths = weight.flatten(1).norm(dim=1)
            factors = (limit / lengths).clamp(max=1.0)
            factors = factors.view(-1, *[1] * (weight.ndim - 1))
            module.weight = nn.Parameter(weight * factors)
