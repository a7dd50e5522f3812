# caught by: loss, smaller_batch, dropout_off, batch_norm, one_pass, dropped_batch, precision, images; misconception: divided
import torch
from torch.nn import functional as F


def evaluate(model, loader):
    modes = {module: module.training for module in model.modules()}
    model.eval()
    loss_sum, right, count = 0.0, 0, 0
    with torch.no_grad():
        for inputs, targets in loader:
            logits = model(inputs)
            loss_sum += F.cross_entropy(logits, targets, reduction="sum").item()
            right += (logits.argmax(dim=1) == targets).sum().item()
            count += len(targets)
    for module, training in modes.items():
        module.training = training
    return loss_sum, right / count
