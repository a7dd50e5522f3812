import torch.nn.functional as F


def l1_penalty(model, skip_bias):
    return sum(
        F.relu(p).sum() + F.relu(-p).sum()
        for name, p in model.named_parameters()
        if not (skip_bias and name.split(".")[-1] == "bias")
    )
