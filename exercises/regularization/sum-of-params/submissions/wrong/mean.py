# caught by: value, ones, every_parameter, nested, shared, gradient, precision, unusual; misconception: scaled
import torch


def l2_penalty(model):
    return sum(p.pow(2).mean() for p in model.parameters())
