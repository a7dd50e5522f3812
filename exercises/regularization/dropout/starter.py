import torch
from torch import nn


class Dropout(nn.Module):
    def __init__(self, p: float) -> None:
        """Drop elements with probability `p`, from 0 to 1, in training mode."""
        super().__init__()
        self.p = p

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Return a tensor like `x`."""
        mask = torch.rand(x.shape[1:]) > self.p
        return x * mask
