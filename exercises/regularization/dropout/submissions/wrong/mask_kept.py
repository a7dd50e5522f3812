# caught by: calls; misconception: same-mask
import torch
from torch import nn


class Dropout(nn.Module):
    def __init__(self, p):
        super().__init__()
        self.p = p
        self.masks = {}

    def forward(self, x):
        if not self.training:
            return x
        if self.p == 1:
            return x * 0
        key = x.shape, x.dtype
        if key not in self.masks:
            self.masks[key] = (torch.rand_like(x) >= self.p).to(x.dtype)
        return x * self.masks[key] / (1 - self.p)
