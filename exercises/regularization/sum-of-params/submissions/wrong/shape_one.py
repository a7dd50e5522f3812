# caught by: zero_dim; misconception: not-zero-dim
import torch


def l2_penalty(model):
    squares = torch.stack([p.pow(2).sum() for p in model.parameters()])
    return squares.sum(dim=0, keepdim=True)
