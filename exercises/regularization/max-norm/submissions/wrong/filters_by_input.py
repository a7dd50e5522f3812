# caught by: filters, unusual; misconception: part-of-filter
import torch
from torch import nn


@torch.no_grad()
def limit_norms(model, limit):
    for module in model.modules():
        if isinstance(module, (nn.Linear, nn.Conv2d)):
            lengths = module.weight.norm(dim=1, keepdim=True)
            module.weight.mul_((limit / lengths).clamp(max=1.0))
