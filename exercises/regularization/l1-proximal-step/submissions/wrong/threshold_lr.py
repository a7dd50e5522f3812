# caught by: shrinks, exact_zeros, no_penalty, every_parameter, without_gradient, unusual, lasso; misconception: threshold-lr
import torch


@torch.no_grad()
def proximal_step(parameters, lr, lam):
    for p in parameters:
        p.copy_(p.sign() * (p.abs() - lr).clamp(min=0))
