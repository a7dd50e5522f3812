# caught by: every_parameter, nested, gradient, device, unusual; misconception: by-name
import torch


def l2_penalty(model):
    return sum(p.pow(2).sum() for p in model.parameters() if p.ndim >= 2)
