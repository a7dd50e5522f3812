# caught by: gradients_kept; misconception: changes-gradient
import torch


@torch.no_grad()
def proximal_step(parameters, lr, lam):
    for p in parameters:
        p.copy_(p.sign() * (p.abs() - lr * lam).clamp(min=0))
        p.grad = None
