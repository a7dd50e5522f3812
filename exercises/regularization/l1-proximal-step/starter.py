from collections.abc import Iterable

import torch


@torch.no_grad()
def proximal_step(parameters: Iterable[torch.Tensor], lr: float, lam: float) -> None:
    """Move every weight towards zero by `lr * lam`, in place; zero stops it."""
    for parameter in parameters:
        parameter -= lr * lam * parameter.sign()
