# caught by: nested, shared, zero_dim, gradient, device; misconception: buffers
import torch


def l2_penalty(model):
    return sum(v.pow(2).sum() for v in model.state_dict().values())
