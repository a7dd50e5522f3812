"""Is the minimum that is found with a penalty flatter? The largest curvature of the data loss.

Prints what the lesson quotes:

    python curvature.py
"""

import torch
from torch.func import hessian, vmap
from torch.nn import functional as F

torch.set_num_threads(1)
torch.set_default_dtype(torch.float64)


def find_sharpness(loss, w):
    """Return the largest eigenvalue of the loss's Hessian at the flat vector `w`."""
    return torch.linalg.eigvalsh(hessian(loss)(w))[-1].item()


def show_conditioning():
    """Two identical inputs: one direction without any curvature, until a penalty adds some."""
    x = torch.randn(40, 6, generator=torch.Generator().manual_seed(0))
    x[:, 5] = x[:, 4]
    plain = torch.linalg.eigvalsh(2 * x.T @ x / 40)
    assert plain[0].abs() < 1e-12 * plain[-1]
    ratio = (plain[-1] + 0.1) / (plain[0] + 0.1)
    print(f"fell from infinity, up to rounding, to {ratio:.0f}")


def show_separable_classes():
    """Logistic regression; without a penalty the weights run away to where the loss is flat."""
    draws = torch.Generator().manual_seed(0)
    clouds = [torch.randn(50, 2, generator=draws) + centre for centre in (2, -2)]
    x = torch.cat([torch.cat(clouds), torch.ones(100, 1)], dim=1)
    y = torch.cat([torch.ones(50), torch.zeros(50)])
    strengths = torch.tensor([[0.0], [0.001], [0.01], [0.1]])
    w = torch.zeros(4, 3)                       # one row for each strength
    for _ in range(5000):
        w = w - (torch.sigmoid(w @ x.T) - y) @ x / 100 - strengths * w
    sharp = [
        find_sharpness(lambda v: F.binary_cross_entropy_with_logits(x @ v, y), row) for row in w
    ]
    print(f"{sharp[0]:.4f} without a penalty,", end=" ")
    print(f"{sharp[1]:.4f} with 0.001, {sharp[2]:.3f} with 0.01 and {sharp[3]:.3f} with 0.1")


def show_small_networks():
    """Five networks of 16 tanh units, each trained without and with two strengths."""
    seeds, strengths = 5, torch.tensor([0.0, 1e-4, 1e-2])
    draws = torch.Generator().manual_seed(0)
    x = 2 * torch.rand(seeds, 30, generator=draws) - 1
    y = torch.sin(4 * x) + 0.3 * torch.randn(seeds, 30, generator=draws)
    first = 2 * torch.rand(seeds, 49, generator=draws) - 1
    first[:, 32:] /= 4                                    # as `nn.Linear` would start: 16 inputs

    def loss(w, x, y):                                    # 16 slopes, 16 biases, 16 outputs, a bias
        hidden = torch.tanh(x[:, None] * w[:16] + w[16:32])
        return (hidden @ w[32:48] + w[48] - y).pow(2).mean()

    w = first.repeat(3, 1).requires_grad_()               # all fifteen runs at once
    x, y = x.repeat(3, 1), y.repeat(3, 1)
    charge = strengths.repeat_interleave(seeds)
    optimizer = torch.optim.Adam([w], lr=0.01)
    for _ in range(2000):
        optimizer.zero_grad()
        penalty = charge / 2 * w.pow(2).sum(dim=1)
        (vmap(loss)(w, x, y) + penalty).sum().backward()
        optimizer.step()
    curvature = vmap(hessian(loss))(w.detach(), x, y)
    none, weak, strong = torch.linalg.eigvalsh(curvature)[:, -1].view(3, seeds)
    print(f"flatter in {(weak < none).sum()} of {seeds} with 0.0001,", end=" ")
    print(f"and in {(strong < none).sum()} of {seeds} with 0.01")


def show_rescaled_layers():
    """One function, written with other weights: ReLU layers times 10 and divided by 10."""
    draws = torch.Generator().manual_seed(0)
    x, y = torch.randn(64, 3, generator=draws), torch.randn(64, generator=draws)
    w = torch.randn(32, generator=draws) / 2

    def predict(w):
        return torch.relu(x @ w[:24].view(3, 8)) @ w[24:]

    def loss(w):
        return (predict(w) - y).pow(2).mean()

    scale = torch.cat([torch.full((24,), 10.0), torch.full((8,), 0.1)])
    assert torch.allclose(predict(w), predict(scale * w), rtol=0, atol=1e-12)
    before, after = find_sharpness(loss, w), find_sharpness(loss, scale * w)
    print(f"the largest curvature went from {before:.1f} to {after:.0f}")


def show_batch_normalisation():
    """Weights before a batch normalisation times 0.1: the same function, again."""
    draws = torch.Generator().manual_seed(0)
    x, y = torch.randn(64, 4, generator=draws), torch.randn(64, generator=draws)
    w, out = torch.randn(32, generator=draws), torch.randn(8, generator=draws)

    def predict(w):
        z = x @ w.view(4, 8)
        return torch.tanh((z - z.mean(0)) / z.std(0, unbiased=False)) @ out

    def loss(w):
        return (predict(w) - y).pow(2).mean()

    assert torch.allclose(predict(w), predict(0.1 * w), rtol=0, atol=1e-12)
    rise = find_sharpness(loss, 0.1 * w) / find_sharpness(loss, w)
    print(f"the largest curvature became {rise:.0f} times as large")


show_conditioning()
show_separable_classes()
show_small_networks()
show_rescaled_layers()
show_batch_normalisation()
