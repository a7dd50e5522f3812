# caught by: precision, device; misconception: pinned
import torch


def l2_penalty(model):
    total = torch.tensor(0.0)
    for parameter in model.parameters():
        total += parameter.pow(2).sum()
    return total
