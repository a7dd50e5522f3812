# caught by: at_zero; misconception: one-sided
import torch


def l1_penalty(model, skip_bias):
    return sum(
        torch.where(p >= 0, p, -p).sum()
        for name, p in model.named_parameters()
        if not (skip_bias and name.split(".")[-1] == "bias")
    )
