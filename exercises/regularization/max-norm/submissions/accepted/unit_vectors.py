import torch
import torch.nn.functional as F
from torch import nn


@torch.no_grad()
def limit_norms(model, limit):
    for module in model.modules():
        if isinstance(module, (nn.Linear, nn.Conv2d)):
            flat = module.weight.flatten(1)
            lengths = flat.norm(dim=1, keepdim=True)
            limited = F.normalize(flat, dim=1) * lengths.clamp(max=limit)
            module.weight.copy_(limited.view_as(module.weight))
