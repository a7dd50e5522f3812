# caught by: every_parameter, still_trainable, unusual; misconception: generator
import torch


@torch.no_grad()
def proximal_step(parameters, lr, lam):
    for index in range(len(parameters)):
        p = parameters[index]
        p.copy_(p.sign() * (p.abs() - lr * lam).clamp(min=0))
