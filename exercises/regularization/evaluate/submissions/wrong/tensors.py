# caught by: floats; misconception: tensors
import torch
from torch.nn import functional as F


def evaluate(model, loader):
    modes = {module: module.training for module in model.modules()}
    model.eval()
    loss_sum, right, count = 0.0, 0, 0
    with torch.no_grad():
        for inputs, targets in loader:
            logits = model(inputs)
            loss_sum += F.cross_entropy(logits, targets, reduction="sum")
            right += (logits.argmax(dim=1) == targets).sum()
            count += len(targets)
    for module, training in modes.items():
        module.training = training
    return loss_sum / count, right / count
