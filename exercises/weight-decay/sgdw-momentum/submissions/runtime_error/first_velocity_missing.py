# caught by: plain, no_momentum, momentum, pure_decay, proportional, decay_times_lr, training, all_groups, own_settings, schedule, decay_schedule, together
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
                velocity = momentum * self.state[p]["velocity"] + gradient
                self.state[p]["velocity"] = velocity
                p *= 1 - lr * weight_decay
                p -= lr * velocity
