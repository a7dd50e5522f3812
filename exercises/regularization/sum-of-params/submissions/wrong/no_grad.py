# caught by: zero_dim, gradient, device; misconception: detached
import torch


def l2_penalty(model):
    with torch.no_grad():
        return sum(p.pow(2).sum() for p in model.parameters())
