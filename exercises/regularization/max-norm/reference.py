"""The max-norm constraint: no unit's incoming weights are longer than a limit."""

import torch
from torch import nn


@torch.no_grad()  # the weights are moved, not computed with
def limit_norms(model: nn.Module, limit: float) -> None:
    for module in model.modules():
        if isinstance(module, (nn.Linear, nn.Conv2d)):
            weight = module.weight
            lengths = weight.flatten(start_dim=1).norm(dim=1)  # one for each output
            # At most 1: what is short enough stays. limit / 0 is inf, so a row of zeros stays too.
            factors = (limit / lengths).clamp(max=1.0)
            weight.mul_(factors.reshape(-1, *[1] * (weight.ndim - 1)))
