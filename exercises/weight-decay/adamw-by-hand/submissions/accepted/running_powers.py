import torch


class Averages:
    """The averages of one parameter's gradients, and the powers of the betas."""

    def __init__(self, betas):
        self.betas, self.powers, self.m, self.v = betas, [1.0, 1.0], 0, 0

    def add(self, g):
        beta1, beta2 = self.betas
        self.powers = [self.powers[0] * beta1, self.powers[1] * beta2]
        self.m = self.m * beta1 + g * (1 - beta1)
        self.v = self.v * beta2 + g * g * (1 - beta2)
        return self.m / (1 - self.powers[0]), self.v / (1 - self.powers[1])


class AdamW:
    def __init__(self, parameters, lr=0.001, betas=(0.9, 0.999), eps=1e-8, weight_decay=1e-2):
        self.parameters = tuple(parameters)
        self.averages = [Averages(betas) for _ in self.parameters]
        self.lr, self.eps, self.weight_decay = lr, eps, weight_decay

    def step(self):
        for p, averages in zip(self.parameters, self.averages):
            if p.grad is not None:
                m, v = averages.add(p.grad.detach())
                kept = p.detach() * (1 - self.lr * self.weight_decay)
                p.data.copy_(kept - self.lr * m / (v**0.5 + self.eps))
