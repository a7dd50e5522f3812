# caught by: shrink, one_step, twenty_steps, frozen_late, mixed; misconception: wrong-factor
import torch


@torch.no_grad()
def sgd_step(parameters, lr, weight_decay):
    for p in parameters:
        if p.grad is None:
            continue
        p -= lr * (p.grad + 2 * weight_decay * p)
