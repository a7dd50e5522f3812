import torch


@torch.no_grad()
def sgd_step(parameters, lr: float, weight_decay: float) -> None:
    """Make one SGD step with weight decay: change each parameter in place, read its `.grad`."""
    for p in parameters:
        if p.grad is None:
            continue
        p = p - lr * p.grad
