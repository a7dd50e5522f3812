# caught by: every_parameter, still_trainable, lasso; misconception: freezes
import torch


@torch.no_grad()
def proximal_step(parameters, lr, lam):
    for p in parameters:
        p.requires_grad_(False)
        p.copy_(p.sign() * (p.abs() - lr * lam).clamp(min=0))
