# caught by: plain, one_step, twenty_steps, frozen_late; misconception: generator
import torch


@torch.no_grad()
def sgd_step(parameters, lr, weight_decay):
    for p in parameters:
        if p.grad is not None:
            p *= 1 - lr * weight_decay
    for p in parameters:
        if p.grad is not None:
            p -= lr * p.grad
