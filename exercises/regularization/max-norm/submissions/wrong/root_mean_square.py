# caught by: one_row, diagonal, too_long, row_by_row, filters, pointwise, nested, training, unusual; misconception: not-euclidean
import torch
from torch import nn


@torch.no_grad()
def limit_norms(model, limit):
    for module in model.modules():
        if isinstance(module, (nn.Linear, nn.Conv2d)):
            weight = module.weight
            lengths = weight.flatten(1).pow(2).mean(dim=1).sqrt()
            factors = (limit / lengths).clamp(max=1.0)
            weight.mul_(factors.view(-1, *[1] * (weight.ndim - 1)))
