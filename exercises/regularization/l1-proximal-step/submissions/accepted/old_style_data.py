import torch


def proximal_step(parameters, lr, lam):
    for p in parameters:
        larger = torch.relu(p.data - lr * lam)
        smaller = torch.relu(-p.data - lr * lam)
        p.data.copy_(larger - smaller)
