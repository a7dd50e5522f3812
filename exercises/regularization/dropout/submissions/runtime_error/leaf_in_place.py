# caught by: evaluation, calls, gradient, input_kept, other_rates, unusual; misconception: in-place
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
        return x.mul_(mask).div_(1 - self.p)
