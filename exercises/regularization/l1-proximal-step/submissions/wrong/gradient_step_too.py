# caught by: shrinks, exact_zeros, signs, learning_rate, no_penalty, every_parameter, unusual, lasso; misconception: gradient-step
import torch


@torch.no_grad()
def proximal_step(parameters, lr, lam):
    for p in parameters:
        if p.grad is not None:
            p.sub_(lr * p.grad)
        p.copy_(p.sign() * (p.abs() - lr * lam).clamp(min=0))
