# caught by: twenty_steps; misconception: remembers
import torch

seen = {}


@torch.no_grad()
def sgd_step(parameters, lr, weight_decay):
    for p in parameters:
        if p.grad is not None:
            penalty = seen.setdefault(p, weight_decay * p)
            p -= lr * (p.grad + penalty)
