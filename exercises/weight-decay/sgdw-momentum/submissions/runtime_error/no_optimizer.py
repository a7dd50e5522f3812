# caught by: all_groups, own_settings, schedule, decay_schedule, resumed, together; misconception: no-optimizer
import torch


class SGDW:
    def __init__(self, params, lr, momentum, weight_decay):
        self.params = list(params)
        self.velocities = [torch.zeros_like(p) for p in self.params]
        self.lr, self.momentum, self.weight_decay = lr, momentum, weight_decay

    @torch.no_grad()
    def step(self):
        for p, velocity in zip(self.params, self.velocities):
            if p.grad is not None:
                velocity.mul_(self.momentum).add_(p.grad)
                p.mul_(1 - self.lr * self.weight_decay).sub_(velocity, alpha=self.lr)
