# caught by: one_pass; misconception: two-passes
import torch
from torch.nn import functional as F


def evaluate(model, loader):
    modes = {module: module.training for module in model.modules()}
    model.eval()
    loss_sum, right, count = 0.0, 0, 0
    with torch.no_grad():
        for inputs, targets in loader:
            loss_sum += F.cross_entropy(model(inputs), targets, reduction="sum").item()
            count += len(targets)
        for inputs, targets in loader:
            right += (model(inputs).argmax(dim=1) == targets).sum().item()
    for module, training in modes.items():
        module.training = training
    return loss_sum / count, right / count
