# caught by: all_dropped_gradient; misconception: gradient-at-one
import torch
from torch import nn


class Dropout(nn.Module):
    def __init__(self, p):
        super().__init__()
        self.p = p

    def forward(self, x):
        if not self.training:
            return x
        dropped = torch.rand_like(x) < self.p
        return (x / (1 - self.p)).masked_fill(dropped, 0)
