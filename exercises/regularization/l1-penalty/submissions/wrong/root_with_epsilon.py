# caught by: small; misconception: smoothed
import torch


def l1_penalty(model, skip_bias):
    return sum(
        torch.sqrt(p**2 + 1e-12).sum()
        for name, p in model.named_parameters()
        if not (skip_bias and name.split(".")[-1] == "bias")
    )
