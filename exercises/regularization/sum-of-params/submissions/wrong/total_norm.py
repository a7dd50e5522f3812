# caught by: value, ones, growth, every_parameter, nested, shared, gradient, precision, unusual; misconception: not-squared
import torch


def l2_penalty(model):
    return torch.cat([p.flatten() for p in model.parameters()]).norm()
