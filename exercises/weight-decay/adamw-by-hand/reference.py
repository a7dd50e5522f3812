"""AdamW: Adam, with a weight decay that never enters the averages of the gradients."""

from collections.abc import Iterable

import torch


class AdamW:
    def __init__(
        self,
        parameters: Iterable[torch.Tensor],
        lr: float = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0.01,
    ) -> None:
        self.parameters = list(parameters)  # a generator would be empty after one step
        self.lr, self.betas, self.eps, self.weight_decay = lr, betas, eps, weight_decay
        self.state = {}  # parameter: (t, m, v); tensors are hashed by identity

    @torch.no_grad()
    def step(self) -> None:
        for parameter in self.parameters:
            if parameter.grad is not None:
                self.update(parameter, parameter.grad)

    def update(self, parameter: torch.Tensor, gradient: torch.Tensor) -> None:
        beta1, beta2 = self.betas
        t, m, v = self.state.get(parameter, (0, 0.0, 0.0))
        t = t + 1  # this parameter's own count
        m = beta1 * m + (1 - beta1) * gradient
        v = beta2 * v + (1 - beta2) * gradient.square()
        self.state[parameter] = t, m, v  # as they are: the correction is for this step only

        # Both averages started at 0 and are too small by these factors: (1-β) at first, 1 at last.
        m_hat = m / (1 - beta1**t)
        v_hat = v / (1 - beta2**t)
        parameter.mul_(1 - self.lr * self.weight_decay)  # decay before the step, of the parameter
        parameter.sub_(self.lr * m_hat / (v_hat.sqrt() + self.eps))
