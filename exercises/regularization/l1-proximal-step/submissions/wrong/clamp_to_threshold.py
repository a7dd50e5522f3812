# caught by: shrinks, exact_zeros, learning_rate, no_penalty, every_parameter, without_gradient, unusual, lasso; misconception: clamped
import torch


@torch.no_grad()
def proximal_step(parameters, lr, lam):
    for p in parameters:
        p.clamp_(-lr * lam, lr * lam)
