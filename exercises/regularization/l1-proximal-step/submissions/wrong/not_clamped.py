# caught by: exact_zeros, every_parameter, without_gradient, unusual, lasso; misconception: overshoots
import torch


@torch.no_grad()
def proximal_step(parameters, lr, lam):
    for p in parameters:
        p.copy_(p.sign() * (p.abs() - lr * lam))
