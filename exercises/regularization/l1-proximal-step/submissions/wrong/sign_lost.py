# caught by: shrinks, signs, no_penalty, every_parameter, without_gradient, unusual, lasso; misconception: sign-lost
import torch


@torch.no_grad()
def proximal_step(parameters, lr, lam):
    for p in parameters:
        p.copy_((p.abs() - lr * lam).clamp(min=0))
