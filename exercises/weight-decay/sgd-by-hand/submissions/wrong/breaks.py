# caught by: after_unused, mixed; misconception: stops-early
import torch


@torch.no_grad()
def sgd_step(parameters, lr, weight_decay):
    for p in parameters:
        if p.grad is None:
            break
        p -= lr * (p.grad + weight_decay * p)
