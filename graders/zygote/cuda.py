"""Starting CUDA in a worker, before it is locked: later it could open nothing that it needs."""

from __future__ import annotations

import warnings
from typing import Final

import torch
from torch import nn

_SIZE: Final = 64


def start_device() -> None:
    """Choose full precision and repeatable results, and use the device once.

    That opens its descriptors, starts the threads of CUDA and autograd, and loads cuBLAS and
    cuDNN.

    Raises:
        RuntimeError: if the device cannot be used.
    """
    torch.backends.cuda.matmul.allow_tf32 = False
    torch.backends.cudnn.allow_tf32 = False
    torch.backends.cudnn.benchmark = False
    torch.backends.cudnn.deterministic = True
    # Only a warning, and not shown: an operation that has no repeatable form is no mistake.
    torch.use_deterministic_algorithms(True, warn_only=True)
    warnings.filterwarnings("ignore", message=".*deterministic")
    _use_once(torch.device("cuda"))


def _use_once(device: torch.device) -> None:
    values = torch.randn(_SIZE, _SIZE, device=device, requires_grad=True)
    images = torch.randn(1, 1, _SIZE, _SIZE, device=device)
    convolution = nn.Conv2d(1, 1, 3).to(device)
    total = (values @ values).softmax(-1).sum() + convolution(images).sum()
    total.backward()
    total.item()  # waits for the device
    del values, images, convolution, total
    torch.cuda.empty_cache()
