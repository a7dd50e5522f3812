# caught by: gradient, precision, device; misconception: detached
import torch


def l2_penalty(model):
    total = sum(float(p.pow(2).sum()) for p in model.parameters())
    return torch.tensor(total, requires_grad=True)
