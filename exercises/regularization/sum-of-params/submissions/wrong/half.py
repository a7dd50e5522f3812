# caught by: value, ones, every_parameter, nested, shared, gradient, precision, unusual; misconception: scaled
import torch


def l2_penalty(model):
    return 0.5 * sum(p.pow(2).sum() for p in model.parameters())
