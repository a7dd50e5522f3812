import torch
from torch import nn


class Dropout(nn.Module):
    def __init__(self, p=0.5):
        super().__init__()
        self.p = p

    def forward(self, x):
        if not self.training or self.p == 0:
            return x
        if self.p == 1:
            return torch.where(torch.ones_like(x, dtype=torch.bool), torch.zeros_like(x), x)
        dropped = torch.rand_like(x) < self.p
        return (x / (1 - self.p)).masked_fill(dropped, 0)
