# caught by: value, sign, growth, every_parameter, nested, shared, zero_dim, gradient, precision, device, unusual
import torch


def l2_penalty(model):
    return torch.sum(list(model.parameters()))
