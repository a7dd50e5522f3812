# caught by: unchanged; misconception: changes-model
import torch


def l2_penalty(model):
    total = sum(p.pow(2).sum() for p in model.parameters())
    total.backward(retain_graph=True)
    return total
