# caught by: shrinks, exact_zeros, signs, learning_rate, no_penalty, every_parameter, without_gradient, unusual, lasso; misconception: leaf
import torch


def proximal_step(parameters, lr, lam):
    for p in parameters:
        p.copy_(p.sign() * (p.abs() - lr * lam).clamp(min=0))
