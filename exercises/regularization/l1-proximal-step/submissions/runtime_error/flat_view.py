# caught by: unusual; misconception: layout
import torch


@torch.no_grad()
def proximal_step(parameters, lr, lam):
    for p in parameters:
        flat = p.view(-1)
        flat.copy_(flat.sign() * (flat.abs() - lr * lam).clamp(min=0))
