# caught by: value, sign, growth, every_parameter, nested, shared, zero_dim, gradient, precision, unusual
import torch


def l2_penalty(model):
    return sum(model.parameters())
