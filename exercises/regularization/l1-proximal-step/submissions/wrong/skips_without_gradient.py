# caught by: without_gradient; misconception: needs-gradient
import torch


@torch.no_grad()
def proximal_step(parameters, lr, lam):
    for p in parameters:
        if p.grad is not None:
            p.copy_(p.sign() * (p.abs() - lr * lam).clamp(min=0))
