from collections.abc import Iterable

import torch
from torch import nn
from torch.nn import functional as F


def evaluate(
    model: nn.Module, loader: Iterable[tuple[torch.Tensor, torch.Tensor]]
) -> tuple[float, float]:
    """Return the mean cross-entropy and the accuracy of `model` over all examples of `loader`."""
    losses, accuracies = [], []
    for inputs, targets in loader:
        logits = model(inputs)
        losses.append(F.cross_entropy(logits, targets))
        accuracies.append((logits.argmax(dim=1) == targets).float().mean())
    return sum(losses) / len(losses), sum(accuracies) / len(accuracies)
