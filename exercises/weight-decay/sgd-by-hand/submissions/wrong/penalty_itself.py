# caught by: shrink, towards_zero, proportional, one_step, twenty_steps, frozen_late, mixed; misconception: adds-the-penalty
import torch


@torch.no_grad()
def sgd_step(parameters, lr, weight_decay):
    for p in parameters:
        if p.grad is None:
            continue
        p -= lr * (p.grad + weight_decay * p.square().sum())
