# caught by: after_unused, mixed; misconception: stops-early
import torch


@torch.no_grad()
def sgd_step(parameters, lr, weight_decay):
    parameters = list(parameters)
    if any(p.grad is None for p in parameters):
        return
    for p in parameters:
        p -= lr * (p.grad + weight_decay * p)
