import torch
from torch import nn


def limit_norms(model, limit):
    for module in model.modules():
        if isinstance(module, (nn.Linear, nn.Conv2d)):
            flat = module.weight.data.flatten(1)
            lengths = torch.linalg.vector_norm(flat, dim=1, keepdim=True)
            flat *= torch.where(lengths > limit, limit / lengths, torch.ones_like(lengths))
