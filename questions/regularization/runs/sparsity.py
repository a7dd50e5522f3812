"""How many weights are exactly zero after training with L2, with L1, and with a proximal step.

200 samples, 50 weights, of which 45 should be zero. Prints what the lesson quotes, and draws its
pictures into a folder if it is given one:

    python sparsity.py
    python sparsity.py ..
"""

import sys

import torch

from quizzer.figures import Axis, Line, draw_lines, write_figure

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


def train(make_optimizer, lr, *, proximal=False, batch=SAMPLES, watch=None):
    """Minimise error + STRENGTH * L1 norm; the norm is in the loss or applied after each step.

    Every step uses `batch` samples, and `watch` is shown the weights after it.
    """
    w = start.clone().requires_grad_()
    optimizer = make_optimizer([w], lr=lr)
    picks = torch.Generator().manual_seed(1)
    for _ in range(STEPS):
        optimizer.zero_grad()
        loss = find_error(w)
        if batch < SAMPLES:
            some = torch.randint(SAMPLES, (batch,), generator=picks)
            loss = (inputs[some] @ w - targets[some]).pow(2).mean()
        if not proximal:
            loss = loss + STRENGTH * w.abs().sum()
        loss.backward()
        optimizer.step()
        if proximal:
            with torch.no_grad():
                w.copy_(w.sign() * (w.abs() - lr * STRENGTH).clamp(min=0))
        if watch:
            watch(w.detach())
    return w.detach()


class Watched:
    """What is noted of each step: how many weights are exactly zero, and one useless weight."""

    def __init__(self):
        self.zeros, self.useless = [], []

    def __call__(self, w):
        self.zeros.append(int((w == 0).sum()))
        self.useless.append(w[20].item())


def draw_zeros(in_the_loss, proximal):
    """Draw the number of exact zeros along the first steps."""
    steps = list(range(1, 101))
    lines = [
        Line(label=label, x=steps, y=watched.zeros[:100])
        for label, watched in (("proximal step", proximal), ("L1 in the loss", in_the_loss))
    ]
    drawn = draw_lines(
        lines,
        x=Axis(label="step"),
        y=Axis(label="weights that are exactly 0, of 50", low=0, high=50),
        title="Exact zeros while training",
        description="With a proximal step their number rises to 45; with L1 in the loss it is 0.",
    )
    write_figure(sys.argv[1:], "exact-zeros", drawn)


def draw_hops(in_the_loss, proximal):
    """Draw one useless weight over the last steps."""
    steps = list(range(STEPS - 29, STEPS + 1))
    lines = [
        Line(label=label, x=steps, y=watched.useless[-30:])
        for label, watched in (("L1 in the loss", in_the_loss), ("proximal step", proximal))
    ]
    drawn = draw_lines(
        lines,
        x=Axis(label="step"),
        y=Axis(label="a weight that should be 0", low=-0.015, high=0.015),
        title="A useless weight over the last 30 steps",
        description="With L1 in the loss it jumps about zero; with a proximal step it stays there.",
    )
    write_figure(sys.argv[1:], "hopping-weight", drawn)


ridge = torch.linalg.solve(
    inputs.T @ inputs / SAMPLES + STRENGTH * torch.eye(WEIGHTS), inputs.T @ targets / SAMPLES
)
print(f"of {WEIGHTS} weights fitted to {SAMPLES} samples with strength {STRENGTH},", end=" ")
print(f"{int((ridge == 0).sum())} are exactly zero")

SGD, Adam = torch.optim.SGD, torch.optim.Adam
hopping, resting = Watched(), Watched()
for name, w in (
    ("SGD, `lr=0.05`, L1 in the loss", train(SGD, 0.05, watch=hopping)),
    ("SGD, `lr=0.005`, L1 in the loss", train(SGD, 0.005)),
    ("SGD, `lr=0.05`, 20 samples a step, L1 in the loss", train(SGD, 0.05, batch=20)),
    ("Adam, `lr=0.01`, L1 in the loss", train(Adam, 0.01)),
    (
        "SGD, `lr=0.05`, soft threshold after each step",
        train(SGD, 0.05, proximal=True, watch=resting),
    ),
):
    objective = find_error(w) + STRENGTH * w.abs().sum()
    exact, small = int((w == 0).sum()), int((w.abs() < 0.01).sum())
    print(f"| {name} | {exact} | {small} | {objective:.3f} |")
draw_zeros(hopping, resting)
draw_hops(hopping, resting)
