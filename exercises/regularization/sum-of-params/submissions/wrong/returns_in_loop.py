# caught by: every_parameter, nested, shared, gradient, device, unusual; misconception: early-return
import torch


def l2_penalty(model):
    total = 0
    for parameter in model.parameters():
        total = total + parameter.pow(2).sum()
        return total
