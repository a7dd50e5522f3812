# caught by: no_penalty; misconception: nan-at-zero
import torch


@torch.no_grad()
def proximal_step(parameters, lr, lam):
    for p in parameters:
        p.mul_((1 - lr * lam / p.abs()).clamp(min=0))
