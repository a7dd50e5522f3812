# caught by: zero_dim, gradient, device; misconception: detached
import torch


def l2_penalty(model):
    return sum(p.data.pow(2).sum() for p in model.parameters())
