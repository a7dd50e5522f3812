# caught by: plain, one_step, twenty_steps, frozen_late, mixed; misconception: gradient-part
import torch


@torch.no_grad()
def sgd_step(parameters, lr, weight_decay):
    for p in parameters:
        if p.grad is None:
            continue
        p -= p.grad + lr * weight_decay * p
