import torch
from torch import nn


@torch.no_grad()
def limit_norms(model, limit):
    for module in model.modules():
        if isinstance(module, (nn.Linear, nn.Conv2d)):
            weight = module.weight
            lengths = weight.pow(2).sum(dim=tuple(range(1, weight.ndim)), keepdim=True).sqrt()
            weight.copy_(torch.where(lengths > limit, weight * limit / lengths, weight))
