# caught by: stays_in_training, mixed_modes, images; misconception: leaves-eval
import torch
from torch.nn import functional as F


def evaluate(model, loader):
    model.eval()
    loss_sum, right, count = 0.0, 0, 0
    with torch.no_grad():
        for inputs, targets in loader:
            logits = model(inputs)
            loss_sum += F.cross_entropy(logits, targets, reduction="sum").item()
            right += (logits.argmax(dim=1) == targets).sum().item()
            count += len(targets)
    return loss_sum / count, right / count
