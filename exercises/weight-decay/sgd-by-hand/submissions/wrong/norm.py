# caught by: shrink, proportional, one_step, twenty_steps, frozen_late, mixed; misconception: not-proportional
import torch


@torch.no_grad()
def sgd_step(parameters, lr, weight_decay):
    for p in parameters:
        if p.grad is None:
            continue
        p -= lr * (p.grad + weight_decay * p / p.norm())
