import torch
from torch import nn


@torch.no_grad()
def limit_norms(model, limit):
    for module in model.modules():
        if isinstance(module, (nn.Linear, nn.Conv2d)):
            for row in module.weight:
                length = row.norm().item()
                if length > limit:
                    row.mul_(limit / length)
