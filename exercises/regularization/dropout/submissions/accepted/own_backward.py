import torch
from torch import nn


class Drop(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x, p):
        kept = torch.rand(x.shape, device=x.device) >= p
        ctx.save_for_backward(kept)
        ctx.keep = 1 - p
        return torch.where(kept, x / ctx.keep, 0)

    @staticmethod
    def backward(ctx, gradient):
        (kept,) = ctx.saved_tensors
        return torch.where(kept, gradient / ctx.keep, 0), None


class Dropout(nn.Module):
    def __init__(self, p):
        super().__init__()
        self.p = p

    def forward(self, x):
        return Drop.apply(x, self.p) if self.training else x
