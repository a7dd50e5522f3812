import torch


class SGDW(torch.optim.Optimizer):
    """SGD with momentum and decoupled weight decay."""

    def __init__(self, params, lr: float, momentum: float, weight_decay: float) -> None:
        super().__init__(params, {"lr": lr, "momentum": momentum, "weight_decay": weight_decay})

    @torch.no_grad()
    def step(self):
        """Change each parameter in place, from its `.grad` and its velocity."""
        for group in self.param_groups:
            for p in group["params"]:
                if p.grad is None:
                    continue
                gradient = p.grad + group["weight_decay"] * p
                previous = self.state[p].get("velocity", 0.0)
                velocity = group["momentum"] * previous + gradient
                self.state[p]["velocity"] = velocity
                p.sub_(group["lr"] * velocity)
