# caught by: device; misconception: pinned
import torch


def l2_penalty(model):
    return sum(p.cpu().pow(2).sum() for p in model.parameters())
