# caught by: value, sign, growth, every_parameter, nested, shared, gradient, precision, unusual; misconception: linear-sum
import torch


def l2_penalty(model):
    return sum(p.sum() for p in model.parameters())
