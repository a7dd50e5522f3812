# caught by: every_parameter, nested, gradient, device, unusual; misconception: by-name
import torch


def l2_penalty(model):
    return sum(p.pow(2).sum() for name, p in model.named_parameters() if "weight" in name)
