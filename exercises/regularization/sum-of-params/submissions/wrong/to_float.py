# caught by: precision; misconception: pinned
import torch


def l2_penalty(model):
    return sum(p.float().pow(2).sum() for p in model.parameters())
