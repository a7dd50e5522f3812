# caught by: in_place; misconception: data-replaced
import torch


@torch.no_grad()
def proximal_step(parameters, lr, lam):
    for p in parameters:
        p.data = p.sign() * (p.abs() - lr * lam).clamp(min=0)
