# caught by: value, ones, sign, growth, every_parameter, nested, shared, gradient, precision, unusual
import torch


def l2_penalty(model):
    return torch.sum(list(model.parameters()))
