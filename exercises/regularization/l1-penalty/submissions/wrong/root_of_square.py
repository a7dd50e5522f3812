# caught by: finite, at_zero; misconception: root-of-square
import torch


def l1_penalty(model, skip_bias):
    return sum(
        torch.sqrt(p**2).sum()
        for name, p in model.named_parameters()
        if not (skip_bias and name.split(".")[-1] == "bias")
    )
