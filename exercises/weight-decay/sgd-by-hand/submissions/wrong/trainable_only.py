# caught by: frozen_late; misconception: skips-frozen
import torch


@torch.no_grad()
def sgd_step(parameters, lr, weight_decay):
    for p in parameters:
        if p.requires_grad and p.grad is not None:
            p -= lr * (p.grad + weight_decay * p)
