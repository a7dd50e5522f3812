# caught by: other_layers, unusual; misconception: other-layers
import torch


@torch.no_grad()
def limit_norms(model, limit):
    for parameter in model.parameters():
        if parameter.ndim > 1:
            flat = parameter.flatten(1)
            factors = (limit / flat.norm(dim=1)).clamp(max=1.0)
            parameter.mul_(factors.view(-1, *[1] * (parameter.ndim - 1)))
