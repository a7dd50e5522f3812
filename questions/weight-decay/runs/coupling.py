"""What does `weight_decay=0.1` take off a weight, beside quiet gradients and beside loud ones?

A thousand weights per loudness start at 1 and see gradients that are pure noise of mean zero. The
share that the decay has taken is what is missing at the end against the same noise without decay.
Adam couples the decay with the gradients, AdamW does not. Prints what the lesson and the bank of
curves quote, and draws the picture into a folder if it is given one:

    python coupling.py
    python coupling.py ..
"""

import sys

import torch

from quizzer.figures import Axis, Line, draw_lines, write_figure

torch.set_num_threads(1)
torch.set_default_dtype(torch.float64)

LOUDNESS = [10.0**power for power in (-3.0, -2.5, -2.0, -1.5, -1.0, -0.5, 0.0, 0.5, 1.0, 2.0, 3.0)]
TOLD = (-3, -2, -1, 0, 1, 3)
STEPS, WEIGHTS = 200, 1000


def train(make, weight_decay):
    """Return the mean weight per loudness after the last step."""
    loudness = torch.tensor(LOUDNESS)[:, None]
    p = torch.ones(len(LOUDNESS), WEIGHTS, requires_grad=True)
    optimizer = make([p], lr=0.001, weight_decay=weight_decay)
    noise = torch.Generator().manual_seed(0)
    for _ in range(STEPS):
        p.grad = loudness * torch.randn(p.shape, generator=noise)
        optimizer.step()
    return p.detach().mean(1)


def measure(make):
    """Return the percentage that the decay took off, per loudness."""
    return (100 * (1 - train(make, 0.1) / train(make, 0.0))).tolist()


shares = {make.__name__: measure(make) for make in (torch.optim.Adam, torch.optim.AdamW)}
for power in TOLD:
    index = LOUDNESS.index(10.0**power)
    adam, adamw = (shares[name][index] for name in ("Adam", "AdamW"))
    print(f"| {10.0**power:g} | {adam:.2f} % | {adamw:.2f} % |")

write_figure(
    sys.argv[1:],
    "coupling",
    draw_lines(
        [Line(label=name, x=LOUDNESS, y=taken) for name, taken in shares.items()],
        x=Axis(label="size of the gradients", is_log=True),
        y=Axis(label="taken off by the decay in 200 steps (%)", low=0.0),
        title="What weight_decay 0.1 takes off a weight under Adam and under AdamW",
        description=(
            "Under AdamW it is 2 % whatever the size of the gradients. Under Adam it is about 20 % "
            "beside small gradients, falls where they pass 0.1, and is nothing beside large ones."
        ),
    ),
)
