# PyTorch's own SGD makes the step with momentum, so its numbers are the measure here.
import torch


class SGDW(torch.optim.SGD):
    def __init__(self, params, lr, momentum, weight_decay):
        super().__init__(params, lr=lr, momentum=momentum, weight_decay=weight_decay)

    @torch.no_grad()
    def step(self):
        decays = [group["weight_decay"] for group in self.param_groups]
        for group in self.param_groups:
            for p in group["params"]:
                if p.grad is not None:
                    p.mul_(1 - group["lr"] * group["weight_decay"])
            group["weight_decay"] = 0.0  # SGD would put it into its velocity
        super().step()
        for group, decay in zip(self.param_groups, decays):
            group["weight_decay"] = decay
