"""The loss and accuracy of a classifier over a whole data set, measured without a trace."""

from collections.abc import Iterable

import torch
from torch import nn
from torch.nn import functional as F


@torch.no_grad()
def evaluate(
    model: nn.Module, loader: Iterable[tuple[torch.Tensor, torch.Tensor]]
) -> tuple[float, float]:
    # Each module has a mode of its own: a frozen BatchNorm is in eval mode during training.
    modes = {module: module.training for module in model.modules()}
    model.eval()
    loss_sum, right, count = 0.0, 0, 0
    for inputs, targets in loader:
        logits = model(inputs)
        # Sums, not means: then every example counts the same, whatever its batch's size.
        loss_sum += F.cross_entropy(logits, targets, reduction="sum").item()
        right += (logits.argmax(dim=1) == targets).sum().item()
        count += len(targets)
    for module, training in modes.items():
        module.training = training
    return loss_sum / count, right / count
