# caught by: precision, lasso; misconception: imprecise
import torch


@torch.no_grad()
def proximal_step(parameters, lr, lam):
    for p in parameters:
        w = p.float()
        p.copy_(w.sign() * (w.abs() - lr * lam).clamp(min=0))
