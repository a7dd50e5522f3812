# caught by: smaller_batch, one_pass, images; misconception: batch-means
import torch
from torch.nn import functional as F


def evaluate(model, loader):
    modes = {module: module.training for module in model.modules()}
    model.eval()
    loss_sum, accuracies, count = 0.0, [], 0
    with torch.no_grad():
        for inputs, targets in loader:
            logits = model(inputs)
            loss_sum += F.cross_entropy(logits, targets, reduction="sum").item()
            accuracies.append((logits.argmax(dim=1) == targets).double().mean().item())
            count += len(targets)
    for module, training in modes.items():
        module.training = training
    return loss_sum / count, sum(accuracies) / len(accuracies)
