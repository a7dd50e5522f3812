# caught by: zero_dim, gradient, precision, device; misconception: detached
import torch


def l2_penalty(model):
    return sum(p.pow(2).sum().item() for p in model.parameters())
