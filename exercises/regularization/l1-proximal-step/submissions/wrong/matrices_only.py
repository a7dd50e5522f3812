# caught by: every_parameter, unusual, lasso; misconception: by-shape
import torch


@torch.no_grad()
def proximal_step(parameters, lr, lam):
    for p in parameters:
        if p.ndim > 1:
            p.copy_(p.sign() * (p.abs() - lr * lam).clamp(min=0))
