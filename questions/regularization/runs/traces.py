"""Every run that the sliders of the lesson can show: 324 trainings, each a few hundredths of a second.

20 inputs, of which 5 matter, noise of variance 1; the weights start at zero and take 300 steps, each
on all samples. Prints how many runs there are, and writes them as `traces.json` into a folder if it
is given one:

    python traces.py
    python traces.py ..
"""

import json
import math
import sys
from itertools import product
from pathlib import Path

import torch

torch.set_num_threads(1)
torch.set_default_dtype(torch.float64)

STEPS = (0, 2, 5, 10, 20, 35, 50, 75, 100, 150, 200, 250, 300)
TRUTH = torch.zeros(20)
TRUTH[:5] = torch.tensor([1.5, -1.0, 0.75, -0.5, 0.25])


def draw_samples(count, draws):
    x = torch.randn(count, 20, generator=draws)
    return x, x @ TRUTH + torch.randn(count, generator=draws)


draws = torch.Generator().manual_seed(0)
KNOWN, NEW = draw_samples(160, draws), draw_samples(1000, draws)


def find_error(w, x, y):
    return (x @ w - y).pow(2).mean()


def move_towards_zero(w, penalty, amount):
    """Do exactly what the penalty alone asks for: L1 stops at zero, L2 divides."""
    if penalty == "L1":
        return w.sign() * (w.abs() - amount).clamp(min=0)
    return w / (1 + 2 * amount)


def train(*, penalty, strength, samples, optimizer, lr):
    """Train once; return what was seen at STEPS, and the weights at the end."""
    x, y = KNOWN[0][:samples], KNOWN[1][:samples]
    w = torch.zeros(20, requires_grad=True)
    step_of = torch.optim.Adam if optimizer == "Adam" else torch.optim.SGD
    rule = step_of([w], lr=lr)
    rows = []
    for step in range(STEPS[-1] + 1):
        if step in STEPS:
            with torch.no_grad():
                seen = [find_error(w, x, y), find_error(w, *NEW), (w == 0).sum()]
                rows.append([*seen, (w.abs() < 0.01).sum(), w.norm()])
        rule.zero_grad()
        loss = find_error(w, x, y)
        if optimizer != "SGD, proximal step":
            loss = loss + strength * (w.abs().sum() if penalty == "L1" else w.pow(2).sum())
        if step < STEPS[-1]:
            loss.backward()
            rule.step()
        if optimizer == "SGD, proximal step" and step < STEPS[-1]:
            with torch.no_grad():
                w.copy_(move_towards_zero(w, penalty, lr * strength))
    names = ("training", "new", "zeros", "small", "norm")
    run = {name: [row[at].item() for row in rows] for at, name in enumerate(names)}
    return run | {"weights": w.tolist()}


KNOBS = {
    "penalty": ("Penalty", ["L2", "L1"]),
    "strength": ("Strength λ", [0, 0.03, 0.1, 0.3, 1, 3]),
    "samples": ("Training samples", [15, 30, 160]),
    "optimizer": ("Optimizer", ["SGD", "SGD, proximal step", "Adam"]),
    "lr": ("Learning rate", [0.003, 0.03, 0.3]),
}
TEXTS = {
    "about": [
        "20 inputs, of which the first 5 matter; the noise alone has an error of 1. The weights start "
        "at zero, and every one of the 300 steps uses all samples.",
        "The loss shown is the error on the data, without the penalty; new data are 1000 samples that "
        "no run was trained on.",
        "A proximal step leaves the penalty out of the loss and applies it after each step.",
    ],
    "loss": "mean squared error",
    "inputs": "input",
    "without": "strength",
    "without_label": "new, λ = 0",
    "highs": {"loss": 8, "norm": 4, "weight": 2},
    "looks": [
        {
            "text": "30 samples, and no penalty. Follow the loss on new data to the end: where is it "
            "lowest? Then raise λ.",
            "at": [0, 0, 1, 0, 1],
        },
        {
            "text": "L1 in the loss and L1 as a proximal step have the same minimum. Switch between "
            "the two, and watch the zeros.",
            "at": [1, 3, 1, 1, 1],
        },
        {
            "text": "160 samples for 20 weights. What has a penalty left to win?",
            "at": [0, 0, 2, 0, 1],
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
    head = TEXTS | {"steps": STEPS, "truth": TRUTH.tolist(), "columns": None, "start": [0, 2, 1, 0, 1]}
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
