import torch


class Dropout(torch.nn.Module):
    def __init__(self, p):
        super().__init__()
        self.p = p
        self.factor = 0.0 if p == 1 else 1 / (1 - p)

    def forward(self, x):
        if self.training:
            noise = x.new_empty(x.shape).bernoulli_(1 - self.p)
            return x * noise.mul_(self.factor)
        return x.clone()
