# caught by: shrinks, exact_zeros, signs, learning_rate, every_parameter, without_gradient, unusual, lasso; misconception: threshold-lam
import torch


@torch.no_grad()
def proximal_step(parameters, lr, lam):
    for p in parameters:
        p.copy_(p.sign() * (p.abs() - lam).clamp(min=0))
