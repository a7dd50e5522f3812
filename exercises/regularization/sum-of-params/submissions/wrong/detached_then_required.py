# caught by: gradient, device; misconception: detached
import torch


def l2_penalty(model):
    total = sum(p.pow(2).sum() for p in model.parameters())
    return total.detach().requires_grad_()
