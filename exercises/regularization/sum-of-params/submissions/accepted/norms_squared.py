import torch


def l2_penalty(model):
    return sum(torch.linalg.vector_norm(p) ** 2 for p in model.parameters())
