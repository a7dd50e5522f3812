import torch
import torch.nn.functional as F


def l1_penalty(model, skip_bias):
    return sum(
        F.l1_loss(p, torch.zeros_like(p), reduction="sum")
        for name, p in model.named_parameters()
        if not (skip_bias and name.split(".")[-1] == "bias")
    )
