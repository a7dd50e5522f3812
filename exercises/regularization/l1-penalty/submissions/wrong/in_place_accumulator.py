# caught by: precision, device; misconception: pinned
import torch


def l1_penalty(model, skip_bias):
    total = torch.tensor(0.0)
    for name, parameter in model.named_parameters():
        if not (skip_bias and name.split(".")[-1] == "bias"):
            total += parameter.abs().sum()
    return total
