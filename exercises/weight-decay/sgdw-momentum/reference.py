"""SGD with momentum, whose weight decay shrinks parameters and never enters the velocity."""

from collections.abc import Iterable

import torch


class SGDW(torch.optim.Optimizer):
    def __init__(
        self, params: Iterable, lr: float, momentum: float, weight_decay: float
    ) -> None:
        # The base class completes every group with these, and schedulers change them there.
        super().__init__(params, {"lr": lr, "momentum": momentum, "weight_decay": weight_decay})

    @torch.no_grad()
    def step(self) -> None:
        for group in self.param_groups:
            for parameter in group["params"]:
                if parameter.grad is None:
                    continue
                state = self.state[parameter]  # what state_dict() saves
                velocity = group["momentum"] * state.get("velocity", 0.0) + parameter.grad
                state["velocity"] = velocity  # a tensor of its own, made of gradients alone
                parameter.mul_(1 - group["lr"] * group["weight_decay"])
                parameter.sub_(group["lr"] * velocity)
