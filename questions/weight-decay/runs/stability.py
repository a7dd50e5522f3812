"""How fast does an unused weight fade under SGD, and when does it explode?

One weight of 1, gradients of zero, learning rate 0.1, 40 steps. Prints what the lesson and the
bank of curves quote, and draws the picture into a folder if it is given one:

    python stability.py
    python stability.py ..
"""

import sys

import torch

from quizzer.figures import Axis, Line, draw_lines, write_figure

torch.set_num_threads(1)
LR, STEPS = 0.1, 40


def follow(weight_decay):
    """Return the weight before the first step and after each."""
    w = torch.ones(1, dtype=torch.float64, requires_grad=True)
    w.grad = torch.zeros_like(w)
    optimizer = torch.optim.SGD([w], lr=LR, weight_decay=weight_decay)
    weights = [w.item()]
    for _ in range(STEPS):
        optimizer.step()
        weights.append(w.item())
    return weights


runs = {strength: follow(strength) for strength in (1.0, 3.0, 15.0, 19.0, 21.0)}
for strength, weights in runs.items():
    factor, after = 1 - LR * strength, weights[5]
    print(f"| {strength:g} | {factor:+.1f} | {after:+.3f} | {weights[-1]:+.1e} |")

write_figure(
    sys.argv[1:],
    "stability",
    draw_lines(
        [
            Line(label=f"decay {strength:g}", x=range(STEPS + 1), y=[abs(w) for w in weights])
            for strength, weights in runs.items()
        ],
        x=Axis(label="step"),
        y=Axis(label="size of the weight", is_log=True),
        title="Size of an unused weight under SGD with learning rate 0.1, five strengths of decay",
        description=(
            "On a logarithmic axis all five are straight lines. Those of 1 and of 19 fall slowly "
            "and are the same line, those of 3 and of 15 fall steeply, and that of 21 rises."
        ),
    ),
)
