# caught by: dtypes; misconception: wrong-dtype
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
        mask = (torch.rand(x.shape, device=x.device) >= self.p).float()
        return x * mask / (1 - self.p)
