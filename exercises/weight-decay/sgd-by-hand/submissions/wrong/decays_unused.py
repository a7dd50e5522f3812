# caught by: unused, mixed; misconception: decays-unused
import torch


@torch.no_grad()
def sgd_step(parameters, lr, weight_decay):
    for p in parameters:
        p *= 1 - lr * weight_decay
        if p.grad is not None:
            p -= lr * p.grad
