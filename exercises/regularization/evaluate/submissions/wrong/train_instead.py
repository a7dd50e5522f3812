# caught by: dropout_off, batch_norm, statistics_kept, stays_in_evaluation, mixed_modes, images; misconception: no-eval
import torch
from torch.nn import functional as F


def evaluate(model, loader):
    modes = {module: module.training for module in model.modules()}
    model.train()
    loss_sum, right, count = 0.0, 0, 0
    with torch.no_grad():
        for inputs, targets in loader:
            logits = model(inputs)
            loss_sum += F.cross_entropy(logits, targets, reduction="sum").item()
            right += (logits.argmax(dim=1) == targets).sum().item()
            count += len(targets)
    for module, training in modes.items():
        module.training = training
    return loss_sum / count, right / count
