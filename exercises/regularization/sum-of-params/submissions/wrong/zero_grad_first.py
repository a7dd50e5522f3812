# caught by: unchanged; misconception: changes-model
import torch


def l2_penalty(model):
    model.zero_grad()
    return sum(p.pow(2).sum() for p in model.parameters())
