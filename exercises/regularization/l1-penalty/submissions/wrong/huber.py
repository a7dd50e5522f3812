# caught by: value, positive, negative, units, growth, with_biases, without_biases, lone_layer, own_names, buffers, shared, small, unusual; misconception: smoothed
import torch
import torch.nn.functional as F


def l1_penalty(model, skip_bias):
    return sum(
        F.smooth_l1_loss(p, torch.zeros_like(p), reduction="sum", beta=1e-4)
        for name, p in model.named_parameters()
        if not (skip_bias and name.split(".")[-1] == "bias")
    )
