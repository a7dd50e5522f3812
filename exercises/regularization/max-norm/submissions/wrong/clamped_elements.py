# caught by: one_row, too_long, direction, row_by_row, filters, pointwise, nested, training, unusual; misconception: clamped-elements
import torch
from torch import nn


@torch.no_grad()
def limit_norms(model, limit):
    for module in model.modules():
        if isinstance(module, (nn.Linear, nn.Conv2d)):
            module.weight.clamp_(-limit, limit)
