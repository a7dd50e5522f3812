# caught by: nested, gradient, unusual; misconception: by-name
import torch


def l2_penalty(model):
    layers = [m for m in model.modules() if isinstance(m, torch.nn.Linear)]
    return sum(p.pow(2).sum() for layer in layers for p in layer.parameters())
