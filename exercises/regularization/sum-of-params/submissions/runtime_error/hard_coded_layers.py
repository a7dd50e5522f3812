# caught by: value, sign, growth, nested, shared, zero_dim, gradient, precision, device, unusual; misconception: by-name
import torch


def l2_penalty(model):
    layers = [model[0], model[2]]
    return sum(p.pow(2).sum() for layer in layers for p in layer.parameters())
