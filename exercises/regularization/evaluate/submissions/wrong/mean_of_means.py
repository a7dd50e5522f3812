# caught by: smaller_batch, one_pass, precision, images; misconception: batch-means
import torch
from torch.nn import functional as F


def evaluate(model, loader):
    modes = {module: module.training for module in model.modules()}
    model.eval()
    loss_sum, right, count = 0.0, 0, 0
    with torch.no_grad():
        for inputs, targets in loader:
            logits = model(inputs)
            loss_sum += F.cross_entropy(logits, targets).item()
            right += (logits.argmax(dim=1) == targets).float().mean().item()
            count += 1
    for module, training in modes.items():
        module.training = training
    return loss_sum / count, right / count
