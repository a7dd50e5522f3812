import torch


@torch.no_grad()
def sgd_step(parameters, lr, weight_decay):
    trained = [p for p in parameters if p.grad is not None]
    moved = [p - lr * p.grad - lr * weight_decay * p for p in trained]
    for p, new in zip(trained, moved):
        p.copy_(new)
