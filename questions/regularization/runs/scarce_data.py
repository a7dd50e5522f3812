"""What a penalty costs and buys: training error, error on new data, and the amount of data.

Fifty weights, inputs of variance 1, noise of variance 1, true weights of length 1; every fit is
the exact minimiser. Prints what the lessons quote, and draws their pictures into a folder if it is
given one:

    python scarce_data.py
    python scarce_data.py ..
"""

import sys

import torch

from quizzer.figures import Axis, BarRow, Line, draw_bars, draw_lines, write_figure

torch.set_num_threads(1)
torch.set_default_dtype(torch.float64)

WEIGHTS = 50
STRENGTHS = [10 ** (k / 4) for k in range(-16, 9)]


def show_one_data_set():
    """Print training and test error of one data set along the strength, and draw them."""
    draws = torch.Generator().manual_seed(0)
    truth = torch.randn(WEIGHTS, generator=draws)
    truth /= truth.norm()

    def draw(count):
        x = torch.randn(count, WEIGHTS, generator=draws)
        return x, x @ truth + torch.randn(count, generator=draws)

    (x, y), new = draw(60), draw(1000)

    def find_errors(strength):
        w = torch.linalg.solve(x.T @ x / 60 + strength * torch.eye(WEIGHTS), x.T @ y / 60)
        return [(a @ w - b).pow(2).mean().item() for a, b in ((x, y), new)]

    for strength in (0, 0.1, 1, 10, 100):
        known, unknown = find_errors(strength)
        print(f"| {strength} | {known:.2f} | {unknown:.2f} |")
    draw_sweep(find_errors)


def draw_sweep(find_errors):
    """Draw both errors along the strength, on a logarithmic axis."""
    strengths = [10 ** (k / 8) for k in range(-24, 17)]
    known, unknown = zip(*map(find_errors, strengths))
    lines = [Line(label="new data", x=strengths, y=unknown)]
    lines += [Line(label="training data", x=strengths, y=known)]
    drawn = draw_lines(
        lines,
        x=Axis(label="strength of the penalty", is_log=True),
        y=Axis(label="mean squared error", low=0),
        title="Error against strength",
        description="The error on training data rises all the way; that on new data is a valley.",
    )
    write_figure(sys.argv[1:], "strength-sweep", drawn)


def find_avoidable_errors(samples, seed):
    """Return the expected error on new data beyond the noise: without a penalty, and for each.

    Without a penalty means the shortest of the best fits where there are several.
    """
    draws = torch.Generator().manual_seed(seed)
    truth = torch.randn(WEIGHTS, generator=draws)
    truth /= truth.norm()
    x = torch.randn(samples, WEIGHTS, generator=draws)
    y = x @ truth + torch.randn(samples, generator=draws)
    variances, directions = torch.linalg.eigh(x.T @ x / samples)
    moments = directions.T @ (x.T @ y / samples)
    seen = variances > 1e-9
    fits = [torch.where(seen, moments / variances, 0.0)]
    fits += [moments / (variances + strength) for strength in STRENGTHS]
    return (torch.stack(fits) - directions.T @ truth).pow(2).sum(dim=1)


def measure(samples):
    """Return the mean avoidable error without a penalty and with the best fixed strength."""
    data_sets = 200 if samples <= 1000 else 30
    mean = sum(find_avoidable_errors(samples, seed) for seed in range(data_sets)) / data_sets
    return mean[0].item(), min(mean.tolist())


show_one_data_set()
without, best = {}, {}
for samples in (20, 40, 60, 100, 200, 1000, 10000):
    without[samples], best[samples] = measure(samples)
removed = {n: f"{100 * (1 - best[n] / without[n]):.0f} %" for n in best}
rows = [BarRow(label=f"{n} samples", values=[100 * (1 - best[n] / without[n])]) for n in best]
drawn = draw_bars(
    rows,
    series=[""],
    axis=Axis(label="avoidable error that the best strength removes, in %", high=100),
    title="Share of the avoidable error that the best strength removes",
    description="Most with about one sample per weight, next to nothing with 10000 samples.",
    decimals=0,
)
write_figure(sys.argv[1:], "scarce-data", drawn)
print("| samples |", " | ".join(map(str, removed)), "|")
print("| removed |", " | ".join(removed.values()), "|")
print(f"{removed[40]} of the avoidable error with 40 samples,", end=" ")
print(f"{removed[1000]} with 1000 and {removed[10000]} with 10000")
print(f"60 samples with the best strength have an error of {1 + best[60]:.2f},", end=" ")
print(f"and 1000 without any penalty {1 + without[1000]:.2f}")
