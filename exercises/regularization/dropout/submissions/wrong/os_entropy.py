# caught by: generator; misconception: other-generator
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
        generator = torch.Generator(x.device)
        generator.seed()
        chance = torch.rand(x.shape, generator=generator, device=x.device)
        mask = (chance >= self.p).to(x.dtype)
        return x * mask / (1 - self.p)
