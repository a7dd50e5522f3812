# caught by: shrink, learning_rate, one_step, twenty_steps, frozen_late, mixed; misconception: not-times-lr
import torch


@torch.no_grad()
def sgd_step(parameters, lr, weight_decay):
    for p in parameters:
        if p.grad is None:
            continue
        p.mul_(1 - weight_decay).sub_(lr * p.grad)
