"""Every run that the sliders of the lesson can show: 189 trainings, each a few hundredths of a second.

The photos of the lesson, 8 x 8 noise in which the fourth column is brighter for one of two species,
about one in seven of the known ones misnamed; a logistic regression on the 64 pixels, which shows
each of its weights. Prints how many runs there are, and writes them as `traces.json` into a folder
if it is given one:

    python traces.py
    python traces.py ..
"""

import json
import math
import sys
from itertools import product
from pathlib import Path

import torch
from torch.nn import functional as F

torch.set_num_threads(1)
torch.set_default_dtype(torch.float64)

STEPS = (0, 2, 5, 10, 20, 35, 50, 75, 100, 150, 200, 250, 300)


def draw_photos(count, misnamed, draws):
    species = torch.randint(0, 2, (count,), generator=draws)
    pixels = torch.randn(count, 8, 8, generator=draws)
    pixels[..., 3] += 0.6 * (2.0 * species - 1)[:, None]
    is_wrong = torch.rand(count, generator=draws) < misnamed
    return pixels.flatten(1), torch.where(is_wrong, 1 - species, species).double()


draws = torch.Generator().manual_seed(0)
KNOWN, NEW = draw_photos(300, 0.15, draws), draw_photos(1000, 0.0, draws)


def find_loss(w, b, x, y):
    return F.binary_cross_entropy_with_logits(x @ w + b, y)


def train(*, weight_decay, samples, optimizer, lr):
    """Train once; return what was seen at STEPS, and the weights at the end."""
    x, y = KNOWN[0][:samples], KNOWN[1][:samples]
    w, b = torch.zeros(64, requires_grad=True), torch.zeros((), requires_grad=True)
    groups = [{"params": [w], "weight_decay": weight_decay}, {"params": [b], "weight_decay": 0.0}]
    rule = getattr(torch.optim, optimizer)(groups, lr=lr)
    rows = []
    for step in range(STEPS[-1] + 1):
        if step in STEPS:
            with torch.no_grad():
                seen = [find_loss(w, b, x, y), find_loss(w, b, *NEW), (w == 0).sum()]
                rows.append([*seen, (w.abs() < 0.01).sum(), w.norm()])
        if step < STEPS[-1]:
            rule.zero_grad()
            find_loss(w, b, x, y).backward()
            rule.step()
    names = ("training", "new", "zeros", "small", "norm")
    run = {name: [row[at].item() for row in rows] for at, name in enumerate(names)}
    return run | {"weights": w.tolist()}


KNOBS = {
    "weight_decay": ("weight_decay", [0, 0.01, 0.03, 0.1, 0.3, 1, 3]),
    "samples": ("Training photos", [30, 100, 300]),
    "optimizer": ("Optimizer", ["SGD", "Adam", "AdamW"]),
    "lr": ("Learning rate", [0.01, 0.1, 1]),
}
TEXTS = {
    "about": [
        "The photos of the lesson: 8 by 8 pixels of noise, the fourth column brighter for one species "
        "than for the other, and about one in seven of the training photos misnamed.",
        "A logistic regression gives each pixel one weight. The weights start at zero, and every one "
        "of the 300 steps uses all training photos; the bias is not decayed.",
        "New photos are 1000 that no run was trained on, all of them named rightly.",
    ],
    "loss": "cross-entropy (nats)",
    "inputs": "pixel",
    "without": "weight_decay",
    "without_label": "new, no decay",
    "highs": {"loss": 1.5, "norm": 12, "weight": 1},
    "looks": [
        {
            "text": "30 photos, no decay, Adam. Where would you have stopped? Then raise the decay, "
            "and look at the pixels.",
            "at": [0, 0, 1, 0],
        },
        {
            "text": "The same decay of 0.3 in Adam and in AdamW, at learning rate 0.01. Is it the "
            "same decay?",
            "at": [4, 1, 1, 0],
        },
        {
            "text": "SGD with decay 3 at learning rate 0.1. What becomes of it at learning rate 1?",
            "at": [6, 1, 0, 1],
        },
    ],
}
LARGEST = 1000  # what grows beyond has diverged, and no figure of it means anything


def shorten(number):
    """Three digits; None for what has diverged."""
    if not math.isfinite(number) or abs(number) > LARGEST:
        return None
    short = float(f"{number:.3g}")
    return int(short) if short == int(short) else short


def shorten_run(run):
    return {name: [shorten(number) for number in numbers] for name, numbers in run.items()}


def make_settings():
    """Every setting, the last knob turning fastest."""
    for values in product(*(values for _, values in KNOBS.values())):
        yield dict(zip(KNOBS, values))


def write(path):
    head = TEXTS | {"steps": STEPS, "truth": None, "columns": 8, "start": [3, 1, 0, 1]}
    head["knobs"] = [
        {"name": name, "label": label, "values": values} for name, (label, values) in KNOBS.items()
    ]
    runs = [shorten_run(train(**setting)) for setting in make_settings()]
    lines = [json.dumps(run, separators=(",", ":")) for run in runs]
    body = json.dumps(head, ensure_ascii=False, indent=1)[:-2] + ',\n "runs": [\n'
    path.write_text(body + ",\n".join(lines) + "\n ]\n}\n", encoding="utf-8", newline="\n")


if __name__ == "__main__":
    print(f"{len(list(make_settings()))} runs")
    if sys.argv[1:]:
        write(Path(sys.argv[1]) / "traces.json")
