# caught by: twenty_steps; misconception: remembers
import torch

velocity = {}


@torch.no_grad()
def sgd_step(parameters, lr, weight_decay):
    for p in parameters:
        if p.grad is not None:
            gradient = p.grad + weight_decay * p
            velocity[p] = 0.9 * velocity.get(p, 0) + gradient
            p -= lr * velocity[p]
