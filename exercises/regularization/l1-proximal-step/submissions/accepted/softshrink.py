import torch
from torch.nn import functional as F


def proximal_step(parameters, lr, lam):
    with torch.no_grad():
        for parameter in parameters:
            parameter.copy_(F.softshrink(parameter, lr * lam))
