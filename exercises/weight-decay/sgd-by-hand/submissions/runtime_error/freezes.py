# caught by: plain, one_step, twenty_steps, mixed; misconception: freezes
import torch


def sgd_step(parameters, lr, weight_decay):
    for p in parameters:
        if p.grad is not None:
            p.requires_grad_(False)
            p -= lr * (p.grad + weight_decay * p)
