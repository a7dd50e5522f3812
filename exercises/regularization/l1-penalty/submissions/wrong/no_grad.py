# caught by: gradient, bias_gradient, zero_dim, device; misconception: detached
import torch


@torch.no_grad()
def l1_penalty(model, skip_bias):
    return sum(
        p.abs().sum()
        for name, p in model.named_parameters()
        if not (skip_bias and name.split(".")[-1] == "bias")
    )
