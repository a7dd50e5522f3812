# caught by: gradient, bias_gradient, precision, device; misconception: detached
import torch


def l1_penalty(model, skip_bias):
    return torch.tensor(sum(
        float(p.abs().sum())
        for name, p in model.named_parameters()
        if not (skip_bias and name.split(".")[-1] == "bias")
    ), requires_grad=True)
