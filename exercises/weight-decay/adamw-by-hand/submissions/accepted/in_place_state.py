import torch


class AdamW:
    def __init__(self, parameters, lr=1e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=0.01):
        self.state = {p: {"t": 0, "m": torch.zeros_like(p), "v": torch.zeros_like(p)}
                      for p in parameters}
        self.lr, (self.beta1, self.beta2) = lr, betas
        self.eps, self.weight_decay = eps, weight_decay

    def step(self):
        with torch.no_grad():
            for p, state in self.state.items():
                if p.grad is not None:
                    self._update(p, p.grad, state)

    def _update(self, p, g, state):
        state["t"] += 1
        state["m"].lerp_(g, 1 - self.beta1)
        state["v"].mul_(self.beta2).addcmul_(g, g, value=1 - self.beta2)
        correction1 = 1 - self.beta1 ** state["t"]
        correction2 = 1 - self.beta2 ** state["t"]
        p.mul_(1 - self.lr * self.weight_decay)
        root = state["v"].sqrt().div_(correction2**0.5).add_(self.eps)
        p.addcdiv_(state["m"], root, value=-self.lr / correction1)
