# caught by: chance; misconception: quota
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
        chance = torch.rand_like(x, dtype=torch.float32)
        count = round(self.p * x.shape[-1])
        mask = torch.ones_like(x)
        mask.scatter_(-1, chance.argsort(-1)[..., :count], 0)
        return x * mask / (1 - self.p)
