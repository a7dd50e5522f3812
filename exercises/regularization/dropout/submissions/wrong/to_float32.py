# caught by: precision; misconception: imprecise
import torch
from torch import nn


class Dropout(nn.Module):
    def __init__(self, p):
        super().__init__()
        self.p = p

    def forward(self, x):
        if not self.training:
            return x
        if self.p == 1:
            return x * 0
        mask = (torch.rand_like(x) >= self.p).to(x.dtype)
        scaled = x.float() * mask.float() / (1 - self.p)
        return scaled.to(x.dtype)
