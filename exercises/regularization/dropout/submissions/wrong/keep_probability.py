# caught by: values, rate, chance, generator, gradient, all_dropped, other_rates, unusual; misconception: keep-probability
import torch
from torch import nn


class Dropout(nn.Module):
    def __init__(self, p):
        super().__init__()
        self.p = p

    def forward(self, x):
        if not self.training:
            return x
        if self.p == 0:
            return x * 0
        mask = (torch.rand_like(x) < self.p).to(x.dtype)
        return x * mask / self.p
