"""A training loop."""

import torch
from torch.nn import functional


def train(model, inputs, targets, steps):
    """Train in place by SGD with a learning rate of 0.01; return the loss of each step."""
    optimizer = torch.optim.SGD(model.parameters(), lr=0.01)
    losses = []
    for _ in range(steps):
        optimizer.zero_grad()
        loss = functional.mse_loss(model(inputs), targets)
        loss.backward()
        optimizer.step()
        losses.append(loss.detach())
    return torch.stack(losses)
