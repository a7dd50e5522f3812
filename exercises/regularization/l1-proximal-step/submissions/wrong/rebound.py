# caught by: shrinks, exact_zeros, signs, learning_rate, no_penalty, every_parameter, without_gradient, unusual, lasso; misconception: rebound
import torch


@torch.no_grad()
def proximal_step(parameters, lr, lam):
    for p in parameters:
        p = p.sign() * (p.abs() - lr * lam).clamp(min=0)
