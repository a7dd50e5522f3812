# caught by: no_penalty, zero_stays; misconception: nan-at-zero
import torch


@torch.no_grad()
def proximal_step(parameters, lr, lam):
    for p in parameters:
        p.copy_(p / p.abs() * (p.abs() - lr * lam).clamp(min=0))
