# caught by: gradients; misconception: touches-gradients
import torch


class SGDW(torch.optim.Optimizer):
    def __init__(self, params, lr, momentum, weight_decay):
        super().__init__(params, {"lr": lr, "momentum": momentum, "weight_decay": weight_decay})

    @torch.no_grad()
    def step(self):
        for group in self.param_groups:
            lr, momentum, weight_decay = group["lr"], group["momentum"], group["weight_decay"]
            for p in group["params"]:
                if p.grad is None:
                    continue
                gradient = p.grad
                velocity = momentum * self.state[p].get("velocity", 0.0) + gradient
                self.state[p]["velocity"] = velocity
                p *= 1 - lr * weight_decay
                p -= lr * velocity
                p.grad.zero_()
