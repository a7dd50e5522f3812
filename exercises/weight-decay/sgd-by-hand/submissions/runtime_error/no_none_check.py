# caught by: unused, after_unused, mixed; misconception: decays-unused
import torch


@torch.no_grad()
def sgd_step(parameters, lr, weight_decay):
    for p in parameters:
        p -= lr * (p.grad + weight_decay * p)
