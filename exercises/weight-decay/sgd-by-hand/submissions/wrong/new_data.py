# caught by: in_place; misconception: new-memory
import torch


@torch.no_grad()
def sgd_step(parameters, lr, weight_decay):
    for p in parameters:
        if p.grad is None:
            continue
        p.data = p - lr * (p.grad + weight_decay * p)
