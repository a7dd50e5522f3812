# caught by: pure_decay, training, own_settings, decay_schedule, together; misconception: coupled
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
                velocity = momentum * self.state[p].get("velocity", 0.0) + gradient + weight_decay * p
                self.state[p]["velocity"] = velocity
                p -= lr * velocity
