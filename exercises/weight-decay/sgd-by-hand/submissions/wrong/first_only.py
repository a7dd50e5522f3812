# caught by: plain, shrink, towards_zero, one_step, twenty_steps, frozen_late, mixed; misconception: first-only
import torch


@torch.no_grad()
def sgd_step(parameters, lr, weight_decay):
    p = next(iter(parameters))
    p -= lr * (p.grad + weight_decay * p)
