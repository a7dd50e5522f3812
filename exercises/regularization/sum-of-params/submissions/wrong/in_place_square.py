# caught by: growth, gradient, unchanged; misconception: changes-model
import torch


def l2_penalty(model):
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.pow_(2)
    return sum(p.sum() for p in model.parameters())
