# caught by: value, ones, sign, growth, nested, shared, gradient, precision, unusual; misconception: by-name
import torch


def l2_penalty(model):
    layers = [model[0], model[2]]
    return sum(p.pow(2).sum() for layer in layers for p in layer.parameters())
