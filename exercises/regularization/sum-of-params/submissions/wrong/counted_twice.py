# caught by: shared; misconception: counted-twice
import torch


def l2_penalty(model):
    named = model.named_parameters(remove_duplicate=False)
    return sum(p.pow(2).sum() for _, p in named)
