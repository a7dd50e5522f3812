# caught by: shrinks, exact_zeros, every_parameter, without_gradient, unusual, lasso; misconception: l2-decay
import torch


@torch.no_grad()
def proximal_step(parameters, lr, lam):
    for p in parameters:
        p.mul_(1 - lr * lam)
