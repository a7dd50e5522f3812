# caught by: plain, shrink, one_step, twenty_steps, frozen_late, mixed; misconception: single-precision
import torch


@torch.no_grad()
def sgd_step(parameters, lr, weight_decay):
    for p in parameters:
        if p.grad is not None:
            p.copy_(p.float() - lr * (p.grad.float() + weight_decay * p.float()))
