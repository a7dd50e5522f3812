import torch


def proximal_step(parameters, lr, lam):
    t = lr * lam
    for p in parameters:
        w = p.detach()
        above = torch.where(w > t, w - t, torch.zeros_like(w))
        p.detach().copy_(torch.where(w < -t, w + t, above))
