# caught by: generator; misconception: other-generator
import numpy as np
import torch
from torch import nn


RNG = np.random.default_rng()


class Dropout(nn.Module):
    def __init__(self, p):
        super().__init__()
        self.p = p

    def forward(self, x):
        if not self.training:
            return x
        if self.p == 1:
            return x * 0
        mask = torch.as_tensor(RNG.random(tuple(x.shape)) >= self.p).to(x)
        return x * mask / (1 - self.p)
