# caught by: value, sign, growth, every_parameter, nested, shared, zero_dim, gradient, precision, device, unusual; misconception: changes-model
import torch


def l2_penalty(model):
    return sum(p.pow_(2).sum() for p in model.parameters())
