# caught by: unused, mixed; misconception: decays-unused
import torch


@torch.no_grad()
def sgd_step(parameters, lr, weight_decay):
    for p in parameters:
        gradient = torch.zeros_like(p) if p.grad is None else p.grad
        p -= lr * (gradient + weight_decay * p)
