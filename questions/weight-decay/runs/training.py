"""What happens to known and to new photos while a network trains, without decay and with it?

The photos of the lesson: 8 x 8 noise in which one column is brighter for one of two species, and
about one in seven of the 120 known ones misnamed. Full-batch SGD, learning rate 0.1, 600 steps;
every figure is the mean over five draws of photos and starts. Prints what the lesson and the bank
of curves quote, and draws their pictures into a folder if it is given one:

    python training.py
    python training.py ..
"""

import sys

import torch
from torch.nn import functional as F

from quizzer.figures import Axis, Line, draw_lines, write_figure

torch.set_num_threads(1)
torch.set_default_dtype(torch.float64)

SEEDS, KNOWN, NEW, STEPS, EVERY = 5, 120, 500, 600, 20
SIZES = (64, 48, 2)
STRENGTHS = (0.0, 0.03, 0.1, 0.2, 0.3, 0.5, 1.0)


def draw_photos(count, misnamed, draws):
    """Return pixels (SEEDS, count, 64) and species (SEEDS, count)."""
    species = torch.randint(0, 2, (SEEDS, count), generator=draws)
    pixels = torch.randn(SEEDS, count, 8, 8, generator=draws)
    pixels[..., 3] += 0.6 * (2.0 * species - 1)[..., None]
    is_wrong = torch.rand(SEEDS, count, generator=draws) < misnamed
    return pixels.flatten(2), torch.where(is_wrong, 1 - species, species)


def make_layers(draws):
    """Return weights and biases of all networks, uniform as `nn.Linear` starts them."""
    layers = []
    for size, outputs in zip(SIZES, SIZES[1:]):
        for shape in ((size, outputs), (1, outputs)):
            start = 2 * torch.rand(SEEDS, *shape, generator=draws) - 1
            layers.append((start / size**0.5).requires_grad_())
    return layers


def predict(layers, x):
    w1, b1, w2, b2 = layers
    return torch.baddbmm(b2, torch.relu(torch.baddbmm(b1, x, w1)), w2)


def find_losses(layers, x, y):
    """Return one loss per network."""
    return F.cross_entropy(predict(layers, x).movedim(2, 1), y, reduction="none").mean(1)


def look(layers, *samples):
    """Return (loss, share of right answers) for each sample, the norm, and the last share's range."""
    with torch.no_grad():
        seen = []
        for x, y in samples:
            right = (predict(layers, x).argmax(2) == y).double().mean(1)
            seen += [find_losses(layers, x, y).mean().item(), right.mean().item()]
        norms = sum(p.pow(2).sum((1, 2)) for p in layers).sqrt()
        return (*seen, norms.mean().item(), (right.max() - right.min()).item())


def train(weight_decay):
    """Train five networks side by side and look at them every 20 steps.

    Returns:
        Rows (step, loss known, right known, loss new, right new, norm, range of right new).
    """
    draws = torch.Generator().manual_seed(0)
    known, new = draw_photos(KNOWN, 0.15, draws), draw_photos(NEW, 0.0, draws)
    layers = make_layers(draws)
    optimizer = torch.optim.SGD(layers, lr=0.1, weight_decay=weight_decay)
    rows = [(0, *look(layers, known, new))]
    for step in range(1, STEPS + 1):
        optimizer.zero_grad()
        # A sum over the networks: each gets the gradient that it would get alone.
        find_losses(layers, *known).sum().backward()
        optimizer.step()
        if step % EVERY == 0:
            rows.append((step, *look(layers, known, new)))
    return rows


runs = {strength: train(strength) for strength in STRENGTHS}
plain, decayed = runs[0.0], runs[0.2]
for step in (0, 100, 200, 400, 600):
    (_, known, _, new, *_), (_, known_d, _, new_d, *_) = (
        run[step // EVERY] for run in (plain, decayed)
    )
    print(f"| {step} | {known:.2f} | {new:.2f} | {known_d:.2f} | {new_d:.2f} |")
for step in (0, 100, 200, 400, 600):
    print(f"| {step} | {plain[step // EVERY][5]:.1f} | {decayed[step // EVERY][5]:.1f} |")
for strength, rows in runs.items():
    _, known, right, new, new_right, norm, _ = rows[-1]
    print(f"| {strength} | {known:.2f} | {right:.3f} | {new:.2f} | {new_right:.3f} | {norm:.1f} |")
ranges = [rows[-1][6] for strength, rows in runs.items() if strength < 1.0]
print(f"differ by {min(ranges):.2f} to {max(ranges):.2f}")

steps = [row[0] for row in plain]
write_figure(
    sys.argv[1:],
    "training-curves",
    draw_lines(
        [
            Line(label=f"{photos}, {name}", x=steps, y=[row[column] for row in run])
            for name, run in (("none", plain), ("0.2", decayed))
            for photos, column in (("known", 1), ("new", 3))
        ],
        x=Axis(label="step"),
        y=Axis(label="loss (cross-entropy, nats)", low=0.0),
        title="Loss on known and on new photos, without decay and with weight_decay 0.2",
        description=(
            "Without decay the loss on known photos falls to almost zero while that on new photos "
            "falls at first and then rises steadily. With decay both level off, close together."
        ),
    ),
)
write_figure(
    sys.argv[1:],
    "weight-norms",
    draw_lines(
        [
            Line(label=name, x=steps, y=[row[5] for row in run])
            for name, run in (("no decay", plain), ("decay 0.2", decayed))
        ],
        x=Axis(label="step"),
        y=Axis(label="norm of all parameters", low=0.0),
        title="Norm of the parameters while training, without decay and with weight_decay 0.2",
        description="Without decay the norm keeps growing. With decay it falls and then stays.",
    ),
)
