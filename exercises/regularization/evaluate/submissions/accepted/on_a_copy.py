# Costs the memory of a second model, but cannot disturb the first.
import copy

import torch
from torch.nn import functional as F


def evaluate(model, loader):
    frozen = copy.deepcopy(model).eval()
    losses, right = [], []
    with torch.no_grad():
        for inputs, targets in loader:
            log_probabilities = frozen(inputs).log_softmax(dim=-1)
            losses += F.nll_loss(log_probabilities, targets, reduction="none").tolist()
            right += (log_probabilities.argmax(dim=-1) == targets).tolist()
    return sum(losses) / len(losses), sum(right) / len(right)
