# caught by: biases, training, unusual; misconception: biases-limited
import torch
from torch import nn


@torch.no_grad()
def limit_norms(model, limit):
    for module in model.modules():
        if isinstance(module, (nn.Linear, nn.Conv2d)):
            for parameter in module.parameters():
                flat = parameter.flatten(1) if parameter.ndim > 1 else parameter.unsqueeze(1)
                factors = (limit / flat.norm(dim=1)).clamp(max=1.0)
                parameter.mul_(factors.view(-1, *[1] * (parameter.ndim - 1)))
