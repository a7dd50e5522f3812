"""The seeded source of a scenario's inputs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

import torch
from torch import nn

T = TypeVar("T")
M = TypeVar("M", bound=nn.Module)

_APART = 0x9E3779B97F4A7C15 >> 1  # any constant with about as many ones as zeros


class Draw:
    """Inputs that are new in every grading and the same for submission and reference.

    Everything is drawn by a generator of its own on the CPU, so that code which reseeds or uses
    torch's global generator changes no input, and a seed gives the same values on every device.

    Args:
        seed: any integer from 0 to 2**63 - 1.
        device: where tensors and modules are put, `cpu` or `cuda`.
    """

    def __init__(self, seed: int, device: str = "cpu") -> None:
        self.device = torch.device(device)
        # The worker gives torch's global generator the same seed. From one stream, what a
        # submission draws at random would follow its inputs.
        self._generator = torch.Generator().manual_seed(seed ^ _APART)

    def tensor(
        self,
        *shape: int,
        dtype: torch.dtype = torch.float32,
        requires_grad: bool = False,
    ) -> torch.Tensor:
        """Return standard normal values of this shape; for an integer dtype, -9 to 9."""
        if dtype.is_floating_point or dtype.is_complex:
            values = self._normal(shape).to(dtype)
        else:
            values = torch.randint(-9, 10, shape, generator=self._generator, device="cpu").to(dtype)
        return values.to(self.device).requires_grad_(requires_grad)

    def integer(self, low: int, high: int) -> int:
        """Return an integer from `low` to `high`, both included."""
        return int(torch.randint(low, high + 1, (), generator=self._generator, device="cpu"))

    def number(self, low: float, high: float) -> float:
        """Return a number from `low` (included) to `high` (excluded)."""
        unit = torch.rand((), generator=self._generator, dtype=torch.float64, device="cpu").item()
        return low + (high - low) * unit

    def choice(self, options: Sequence[T]) -> T:
        """Return one of `options`, which must not be empty."""
        return options[self.integer(0, len(options) - 1)]

    def module(self, module: M) -> M:
        """Refill a module's parameters and floating buffers in place, and return it.

        A new module's parameters depend on torch's global generator, and BatchNorm's scales and
        running statistics are ones and zeros, which hide mistakes. Afterwards every parameter is
        normal and every floating buffer lies in [0.5, 1.5) (a variance stays positive). A tied
        parameter is drawn once and stays tied; dtypes, `requires_grad` and integer buffers stay.
        A module on the meta device is returned as it is; any other moves to `draw.device`.
        """
        tensors = [*module.parameters(), *module.buffers()]
        if any(tensor.is_meta for tensor in tensors):
            return module
        with torch.no_grad():
            for parameter in module.parameters():
                parameter.copy_(self._normal(parameter.shape))
            for buffer in module.buffers():
                if buffer.is_floating_point():
                    buffer.copy_(0.5 + self._uniform(buffer.shape))
        return module.to(self.device)

    def _normal(self, shape: Sequence[int]) -> torch.Tensor:
        return torch.randn(
            tuple(shape), generator=self._generator, dtype=torch.float64, device="cpu"
        )

    def _uniform(self, shape: Sequence[int]) -> torch.Tensor:
        return torch.rand(
            tuple(shape), generator=self._generator, dtype=torch.float64, device="cpu"
        )
