"""How many weights are exactly zero after training with L2, with L1, and with a proximal step.

200 samples, 50 weights, of which 45 should be zero. Prints what the lesson quotes:

    python sparsity.py
"""

import torch

torch.set_num_threads(1)
torch.set_default_dtype(torch.float64)

SAMPLES, WEIGHTS, STRENGTH, STEPS = 200, 50, 0.2, 5000

draws = torch.Generator().manual_seed(0)
truth = torch.zeros(WEIGHTS)
truth[:5] = torch.tensor([3.0, -2.0, 1.5, -1.0, 0.5])
inputs = torch.randn(SAMPLES, WEIGHTS, generator=draws)
targets = inputs @ truth + 0.5 * torch.randn(SAMPLES, generator=draws)
start = 0.1 * torch.randn(WEIGHTS, generator=draws)


def find_error(w):
    return (inputs @ w - targets).pow(2).mean()


def train(make_optimizer, lr, *, proximal=False):
    """Minimise error + STRENGTH * L1 norm; the norm is in the loss or applied after each step."""
    w = start.clone().requires_grad_()
    optimizer = make_optimizer([w], lr=lr)
    for _ in range(STEPS):
        optimizer.zero_grad()
        loss = find_error(w)
        if not proximal:
            loss = loss + STRENGTH * w.abs().sum()
        loss.backward()
        optimizer.step()
        if proximal:
            with torch.no_grad():
                w.copy_(w.sign() * (w.abs() - lr * STRENGTH).clamp(min=0))
    return w.detach()


ridge = torch.linalg.solve(
    inputs.T @ inputs / SAMPLES + STRENGTH * torch.eye(WEIGHTS), inputs.T @ targets / SAMPLES
)
print(f"of {WEIGHTS} weights fitted to {SAMPLES} samples with strength {STRENGTH},", end=" ")
print(f"{int((ridge == 0).sum())} are exactly zero")

for name, w in (
    ("SGD, `lr=0.05`, L1 in the loss", train(torch.optim.SGD, 0.05)),
    ("SGD, `lr=0.005`, L1 in the loss", train(torch.optim.SGD, 0.005)),
    ("Adam, `lr=0.01`, L1 in the loss", train(torch.optim.Adam, 0.01)),
    ("SGD, `lr=0.05`, soft threshold after each step", train(torch.optim.SGD, 0.05, proximal=True)),
):
    objective = find_error(w) + STRENGTH * w.abs().sum()
    exact, small = int((w == 0).sum()), int((w.abs() < 0.01).sum())
    print(f"| {name} | {exact} | {small} | {objective:.3f} |")
