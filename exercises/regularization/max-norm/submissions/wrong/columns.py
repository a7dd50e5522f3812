# caught by: one_row, one_input, too_long, direction, short_enough, row_by_row, filters, pointwise, nested, training, unusual; misconception: wrong-axis
import torch
from torch import nn


@torch.no_grad()
def limit_norms(model, limit):
    for module in model.modules():
        if isinstance(module, (nn.Linear, nn.Conv2d)):
            lengths = module.weight.norm(dim=0, keepdim=True)
            module.weight.mul_((limit / lengths).clamp(max=1.0))
