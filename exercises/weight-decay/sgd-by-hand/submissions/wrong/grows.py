# caught by: shrink, towards_zero, one_step, twenty_steps, frozen_late, mixed; misconception: grows
import torch


@torch.no_grad()
def sgd_step(parameters, lr, weight_decay):
    for p in parameters:
        if p.grad is None:
            continue
        p -= lr * (p.grad - weight_decay * p)
