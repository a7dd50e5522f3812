# caught by: one_input, diagonal, too_long, row_by_row, filters, pointwise, training, unusual; misconception: whole-matrix
import torch
from torch import nn


@torch.no_grad()
def limit_norms(model, limit):
    for module in model.modules():
        if isinstance(module, (nn.Linear, nn.Conv2d)):
            longest = module.weight.flatten(1).norm(dim=1).max()
            if longest > limit:
                module.weight.mul_(limit / longest)
