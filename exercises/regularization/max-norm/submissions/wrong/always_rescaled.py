# caught by: short_enough, row_by_row, zero_row, filters, pointwise, bias_apart, precision, training; misconception: always-rescaled
import torch
from torch import nn


@torch.no_grad()
def limit_norms(model, limit):
    for module in model.modules():
        if isinstance(module, (nn.Linear, nn.Conv2d)):
            weight = module.weight
            lengths = weight.flatten(1).norm(dim=1)
            weight.mul_((limit / lengths.clamp(min=1e-12)).view(-1, *[1] * (weight.ndim - 1)))
