"""Choose the strength of a penalty on validation data, all else being equal."""

import math
from collections.abc import Callable, Mapping, Sequence

import torch
from torch import nn
from torch.utils.data import DataLoader


def choose_lambda(
    make_model: Callable[[], nn.Module],
    train: Callable[[nn.Module, DataLoader, float], None],
    evaluate: Callable[[nn.Module, DataLoader], float],
    loaders: Mapping[str, DataLoader],
    lambdas: Sequence[float],
    seed: int,
) -> float:
    losses = {}
    for strength in lambdas:
        torch.manual_seed(seed)  # the same start and the same batches: only the strength differs
        model = make_model()
        train(model, loaders["train"], strength)
        loss = evaluate(model, loaders["validation"])
        if math.isfinite(loss):  # training may have diverged, and nan is smaller than nothing
            losses[strength] = loss
    return min(losses, key=losses.get)
