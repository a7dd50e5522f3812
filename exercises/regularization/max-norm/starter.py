import torch
from torch import nn


def limit_norms(model: nn.Module, limit: float) -> None:
    """Shorten the weights that lead into one unit to `limit`, where they are longer."""
    for module in model.modules():
        if isinstance(module, nn.Linear):
            lengths = module.weight.norm(dim=0, keepdim=True)
            module.weight = nn.Parameter(module.weight * limit / lengths)
