# caught by: one_step, twenty_steps, frozen_late, mixed; misconception: after-the-step
import torch


@torch.no_grad()
def sgd_step(parameters, lr, weight_decay):
    for p in parameters:
        if p.grad is None:
            continue
        p -= lr * p.grad
        p *= 1 - lr * weight_decay
