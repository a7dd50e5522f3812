# What is subtracted is the weight itself, but no more than the threshold.
import torch


@torch.no_grad()
def proximal_step(parameters, lr, lam):
    for parameter in list(parameters):
        parameter.sub_(parameter.clamp(-lr * lam, lr * lam))
