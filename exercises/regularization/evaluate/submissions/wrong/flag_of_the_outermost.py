# caught by: dropout_off, batch_norm, statistics_kept, images; misconception: no-eval
import torch
from torch.nn import functional as F


def evaluate(model, loader):
    was_training = model.training
    model.training = False
    loss_sum, right, count = 0.0, 0, 0
    with torch.no_grad():
        for inputs, targets in loader:
            logits = model(inputs)
            loss_sum += F.cross_entropy(logits, targets, reduction="sum").item()
            right += (logits.argmax(dim=1) == targets).sum().item()
            count += len(targets)
    model.training = was_training
    return loss_sum / count, right / count
