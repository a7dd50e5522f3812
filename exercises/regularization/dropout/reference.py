"""Dropout: in training every element is dropped with probability p, and what stays is enlarged."""

import torch
from torch import nn


class Dropout(nn.Module):
    def __init__(self, p: float) -> None:
        super().__init__()
        self.p = p

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        keep = 1 - self.p
        if not self.training:
            return x
        if keep == 0:
            return x * 0  # what stays would be divided by 0, and 0 / 0 is NaN
        mask = torch.bernoulli(torch.full_like(x, keep))  # a draw of its own for every element
        return x * mask / keep
