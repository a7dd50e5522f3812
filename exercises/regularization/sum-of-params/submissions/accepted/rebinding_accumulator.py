import torch


def l2_penalty(model):
    total = torch.tensor(0.0)
    for p in model.parameters():
        total = total + (p * p).sum()
    return total
