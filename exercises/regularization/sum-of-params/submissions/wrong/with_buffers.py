# caught by: nested; misconception: buffers
import torch


def l2_penalty(model):
    total = sum(p.pow(2).sum() for p in model.parameters())
    return total + sum(b.pow(2).sum() for b in model.buffers())
