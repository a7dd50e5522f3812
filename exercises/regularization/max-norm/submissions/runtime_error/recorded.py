# caught by: one_row, one_input, diagonal, too_long, row_by_row, filters, pointwise, nested, training, unusual
import torch
from torch import nn


def limit_norms(model, limit):
    for module in model.modules():
        if isinstance(module, (nn.Linear, nn.Conv2d)):
            weight = module.weight
            lengths = weight.flatten(1).norm(dim=1)
            factors = (limit / lengths).clamp(max=1.0)
            weight.mul_(factors.view(-1, *[1] * (weight.ndim - 1)))
