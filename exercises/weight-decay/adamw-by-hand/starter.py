import torch


class AdamW:
    """Adam with decoupled weight decay."""

    def __init__(self, parameters, lr=1e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=0.01):
        self.parameters = list(parameters)
        self.lr, self.betas, self.eps, self.weight_decay = lr, betas, eps, weight_decay
        self.m = [torch.zeros_like(p) for p in self.parameters]
        self.v = [torch.zeros_like(p) for p in self.parameters]

    @torch.no_grad()
    def step(self):
        """Change each parameter in place, from its `.grad` and what earlier steps left."""
        beta1, beta2 = self.betas
        for i, p in enumerate(self.parameters):
            g = p.grad + self.weight_decay * p
            self.m[i] = beta1 * self.m[i] + (1 - beta1) * g
            self.v[i] = beta2 * self.v[i] + (1 - beta2) * g**2
            p -= self.lr * self.m[i] / (self.v[i] + self.eps).sqrt()
