"""Does it matter for overfitting whether biases are decayed?

60 noisy samples of 20 inputs, two hidden layers of 64 units, Adam with weight_decay=0.1, and
eight seeds. Prints what the lesson quotes:

    python biases.py
"""

import torch
from torch.nn import functional as F

torch.set_num_threads(1)
torch.set_default_dtype(torch.float64)

SEEDS, SAMPLES, NEW = 8, 60, 4000
SIZES = (20, 64, 64, 1)


def draw(count, rules, draws):
    """Return inputs (SEEDS, count, 20) and labels, of which the noise turns some."""
    x = torch.randn(SEEDS, count, 20, generator=draws)
    noise = 2.0 * torch.randn(SEEDS, count, generator=draws)
    return x, ((x @ rules).squeeze(2) + noise > 0).double()


def make_layers(draws):
    """Return weights and biases of all eight networks, uniform as `nn.Linear` starts them."""
    weights, biases = [], []
    for size, outputs in zip(SIZES, SIZES[1:]):
        for tensors, shape in ((weights, (size, outputs)), (biases, (1, outputs))):
            start = 2 * torch.rand(SEEDS, *shape, generator=draws) - 1
            tensors.append((start / size**0.5).requires_grad_())
    return weights, biases


def predict(weights, biases, x):
    for w, b in zip(weights[:-1], biases[:-1]):
        x = torch.relu(torch.baddbmm(b, x, w))
    return torch.baddbmm(biases[-1], x, weights[-1]).squeeze(2)


def measure(decay_of_weights, decay_of_biases):
    """Train all eight networks side by side; return accuracies and losses on new data."""
    draws = torch.Generator().manual_seed(0)
    rules = torch.randn(SEEDS, 20, 1, generator=draws)
    (x, y), (new_x, new_y) = draw(SAMPLES, rules, draws), draw(NEW, rules, draws)
    weights, biases = make_layers(draws)
    groups = [
        {"params": weights, "weight_decay": decay_of_weights},
        {"params": biases, "weight_decay": decay_of_biases},
    ]
    optimizer = torch.optim.Adam(groups, lr=0.001)
    for _ in range(600):
        optimizer.zero_grad()
        # A sum over the networks: each gets the gradient that it would get alone.
        find_losses(predict(weights, biases, x), y).sum().backward()
        optimizer.step()
    with torch.no_grad():
        outputs = predict(weights, biases, new_x)
    accuracies = ((outputs > 0) == (new_y > 0)).double().mean(dim=1)
    return accuracies, find_losses(outputs, new_y)


def find_losses(outputs, labels):
    return F.binary_cross_entropy_with_logits(outputs, labels, reduction="none").mean(dim=1)


weights, biases = make_layers(torch.Generator())
counts = [sum(p[0].numel() for p in tensors) for tensors in (weights, biases)]
print(f"{sum(counts):,} parameters, {counts[1]} of them biases")
accuracies = {}
for decayed, settings in {
    "nothing": (0.0, 0.0),
    "the biases": (0.0, 0.1),
    "the matrices": (0.1, 0.0),
    "both": (0.1, 0.1),
}.items():
    accuracies[decayed], losses = measure(*settings)
    print(f"| {decayed} | {accuracies[decayed].mean():.3f} | {losses.mean():.2f} |")
change = accuracies["the matrices"] - accuracies["both"]
print(f"changes it by {change.mean():+.3f} ± {change.std():.3f}")
