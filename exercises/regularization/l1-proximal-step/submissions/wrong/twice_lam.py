# caught by: shrinks, exact_zeros, signs, every_parameter, without_gradient, unusual, lasso; misconception: doubled
import torch


@torch.no_grad()
def proximal_step(parameters, lr, lam):
    for p in parameters:
        p.copy_(p.sign() * (p.abs() - 2 * lr * lam).clamp(min=0))
