# caught by: filters, pointwise, bias_apart, nested, training, unusual; misconception: biases-limited
import torch
from torch import nn


@torch.no_grad()
def limit_norms(model, limit):
    for module in model.modules():
        if isinstance(module, (nn.Linear, nn.Conv2d)):
            weight = module.weight
            squares = weight.flatten(1).pow(2).sum(dim=1)
            if module.bias is not None:
                squares = squares + module.bias**2
            factors = (limit / squares.sqrt()).clamp(max=1.0)
            weight.mul_(factors.view(-1, *[1] * (weight.ndim - 1)))
