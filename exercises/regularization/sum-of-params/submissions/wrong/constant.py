# caught by: value, sign, growth, every_parameter, nested, shared, zero_dim, gradient, precision, device, unusual
import torch


def l2_penalty(model):
    return torch.tensor(1.0)
