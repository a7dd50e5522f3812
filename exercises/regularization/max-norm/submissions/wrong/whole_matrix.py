# caught by: one_input, diagonal, too_long, row_by_row, filters, pointwise, nested, training, unusual; misconception: whole-matrix
import torch
from torch import nn


@torch.no_grad()
def limit_norms(model, limit):
    for module in model.modules():
        if isinstance(module, (nn.Linear, nn.Conv2d)):
            length = module.weight.norm()
            if length > limit:
                module.weight.mul_(limit / length)
