# caught by: shrinks, exact_zeros, signs, no_penalty, every_parameter, without_gradient, unusual, lasso; misconception: one-sided
import torch


@torch.no_grad()
def proximal_step(parameters, lr, lam):
    for p in parameters:
        p.copy_((p - lr * lam).clamp(min=0))
