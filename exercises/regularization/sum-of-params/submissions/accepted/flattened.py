import torch


def l2_penalty(model):
    flat = torch.cat([p.flatten() for p in model.parameters()])
    return flat @ flat
