# caught by: biases, training, unusual; misconception: biases-limited
import torch
from torch import nn


@torch.no_grad()
def limit_norms(model, limit):
    for module in model.modules():
        if isinstance(module, (nn.Linear, nn.Conv2d)):
            for parameter in module.parameters():
                rows = parameter.view(1, -1) if parameter.ndim == 1 else parameter.flatten(1)
                rows.mul_((limit / rows.norm(dim=1, keepdim=True)).clamp(max=1.0))
