# caught by: shrinks, signs, learning_rate, no_penalty, every_parameter, without_gradient, unusual, lasso; misconception: hard-threshold
import torch


@torch.no_grad()
def proximal_step(parameters, lr, lam):
    for p in parameters:
        p[p.abs() <= lr * lam] = 0.0
