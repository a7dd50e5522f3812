"""Checks of `limit_norms(model, limit)`: the max-norm constraint on linear and convolution layers."""

import torch
from torch import nn

from graders import check, models, observe


def sized(draw, layer, low, high):
    """Give each of a layer's rows or filters another length, from `low` to `high`."""
    rows = layer.weight.data.flatten(1)
    lengths = torch.linspace(low, high, len(rows), device=rows.device)
    lengths = lengths[draw.tensor(len(rows)).argsort()]
    rows.mul_((lengths / rows.norm(dim=1)).unsqueeze(1))
    return layer


def draw_linear(draw, inputs, outputs, low, high):
    return sized(draw, draw.module(nn.Linear(inputs, outputs, bias=False)), low, high)


def draw_limit(draw):
    return draw.number(1.2, 2.0)


def lengths_of(layer):
    return layer.weight.detach().flatten(1).norm(dim=1)


class OwnLinear(nn.Linear):
    """A layer of somebody's own, derived from a known one."""


@check(points=1)
def one_row(solution, draw):
    """The weights of a single unit, longer than the limit as a vector, are cut to its length."""
    limit = draw_limit(draw)
    layer = draw_linear(draw, 5, 1, 3 * limit, 3 * limit)
    solution.limit_norms(layer, limit)
    return layer.weight.detach()


@check(points=1)
def one_input(solution, draw):
    """Where there is a single input, each weight beyond ±limit is cut to ±limit."""
    limit = draw_limit(draw)
    layer = draw_linear(draw, 1, 6, 1.5 * limit, 4 * limit)
    solution.limit_norms(layer, limit)
    return layer.weight.detach()


@check(points=1)
def diagonal(solution, draw):
    """Where each unit has a single weight that is not zero, that one is cut to ±limit."""
    limit = draw_limit(draw)
    layer = draw_linear(draw, 1, 5, 1.5 * limit, 4 * limit)
    wide = draw.module(nn.Linear(5, 5, bias=False))
    wide.weight.data.copy_(layer.weight.data.flatten().diag())
    solution.limit_norms(wide, limit)
    return wide.weight.detach()


@check(points=2)
def too_long(solution, draw):
    """All rows of a linear layer that are longer than the limit have its length afterwards."""
    limit = draw_limit(draw)
    layer = draw_linear(draw, 5, 4, 1.5 * limit, 5 * limit)
    solution.limit_norms(layer, limit)
    return lengths_of(layer)


@check(points=1, after=diagonal)
def direction(solution, draw):
    """A row that is shortened keeps its direction."""
    limit = draw_limit(draw)
    layer = draw_linear(draw, 5, 4, 1.5 * limit, 5 * limit)
    solution.limit_norms(layer, limit)
    return layer.weight.detach() / lengths_of(layer).unsqueeze(1)


@check(points=2, after=diagonal)
def short_enough(solution, draw):
    """Rows that are no longer than the limit stay as they are."""
    limit = draw_limit(draw)
    layer = draw_linear(draw, 3, 24, 0.3 * limit, 0.98 * limit)
    solution.limit_norms(layer, limit)
    return layer.weight.detach()


@check(points=2)
def row_by_row(solution, draw):
    """Long rows are shortened beside short ones, which stay."""
    limit = draw_limit(draw)
    layer = draw_linear(draw, 5, 8, 0.2 * limit, 3 * limit)
    solution.limit_norms(layer, limit)
    return layer.weight.detach()


@check(points=1, after=diagonal)
def zero_row(solution, draw):
    """A row of zeros stays a row of zeros, and harms no other."""
    limit = draw_limit(draw)
    layer = draw_linear(draw, 5, 4, 0.2 * limit, 0.4 * limit)
    layer.weight.data[draw.integer(0, 3)] = 0.0
    solution.limit_norms(layer, limit)
    return layer.weight.detach()


@check(points=2)
def filters(solution, draw):
    """The filters of a convolution, `weight[i]`, are limited like rows."""
    layer = sized(draw, draw.module(nn.Conv2d(2, 5, 3)), 0.2, 3.0)
    solution.limit_norms(layer, 1.0)
    return layer.weight.detach()


@check(points=1)
def pointwise(solution, draw):
    """So are the filters of a convolution with a kernel of one pixel."""
    layer = sized(draw, draw.module(nn.Conv2d(4, 5, 1)), 0.2, 3.0)
    solution.limit_norms(layer, 1.0)
    return layer.weight.detach()


@check(points=1, after=diagonal)
def biases(solution, draw):
    """Biases stay as they are, however large."""
    model = draw.module(nn.ModuleList([nn.Linear(5, 4), nn.Conv2d(2, 3, 3)]))
    for layer in model:
        layer.bias.data.add_(layer.bias.data.sign(), alpha=5.0)
    solution.limit_norms(model, draw_limit(draw))
    return [layer.bias.detach() for layer in model]


@check(points=1, after=diagonal)
def bias_apart(solution, draw):
    """A large bias does not add to the length of its row."""
    limit = draw_limit(draw)
    layer = sized(draw, draw.module(nn.Linear(5, 4)), 0.2 * limit, 0.4 * limit)
    layer.bias.data.add_(layer.bias.data.sign(), alpha=5.0)
    solution.limit_norms(layer, limit)
    return layer.weight.detach()


@check(points=1, after=diagonal)
def other_layers(solution, draw):
    """Embeddings, normalisation and free parameters stay as they are."""
    model = draw.module(nn.ModuleList([nn.Embedding(4, 5), nn.LayerNorm([3, 4]), nn.PReLU(6)]))
    model.register_parameter("positions", nn.Parameter(draw.tensor(4, 5)))
    solution.limit_norms(model, 0.1)
    return observe.parameters(model)


@check(points=1)
def nested(solution, draw):
    """Layers are found wherever they lie in a nested model."""
    model, limit = draw.module(models.nested()), draw.number(0.2, 0.8)
    layers = [layer for layer in model.modules() if isinstance(layer, nn.Linear)]
    for layer in layers:
        sized(draw, layer, 1.0, 1.0)
    solution.limit_norms(model, limit)
    return [layer.weight.detach() for layer in layers]


@check(points=2, after=diagonal)
def same_parameters(solution, draw):
    """An optimizer that was built before goes on training the model's parameters."""
    model = draw.module(nn.Linear(5, 4))
    optimizer = torch.optim.SGD(model.parameters(), lr=0.5)
    solution.limit_norms(model, draw_limit(draw))
    before = model.weight.detach().clone()
    model.weight.grad = draw.tensor(4, 5)
    optimizer.step()
    return model.weight.detach() - before


@check(points=1, after=diagonal)
def rest_unchanged(solution, draw):
    """Nothing else changes: gradients, what is trainable, buffers and mode."""
    model = draw.module(models.with_buffers())
    for parameter in model.parameters():
        parameter.grad = 9 * draw.tensor(*parameter.shape)
    model[1].eval()  # beside others that are in training mode
    solution.limit_norms(nn.ModuleList([model, draw.module(nn.Linear(2, 2))]), 1.0)
    return {**observe.state(model), "parameters": [p.requires_grad for p in model.parameters()]}


@check(points=1, after=diagonal, tolerance=1e-12)
def precision(solution, draw):
    """float64 weights stay float64: short rows keep every digit."""
    layer = draw_linear(draw, 5, 4, 0.1, 0.9).double()
    layer.weight.data.mul_(1.0 + 1e-9)  # digits that float32 has no room for
    solution.limit_norms(layer, 1.0)
    return layer.weight.detach()


@check(points=2, hidden=True)
def training(solution, draw):
    """Called after each step, it keeps a training run with momentum within the limit."""
    model = draw.module(nn.Sequential(nn.Linear(3, 16), nn.ReLU(), nn.Linear(16, 2)))
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9)
    limit = draw.number(0.2, 0.5)
    for _ in range(4):
        optimizer.zero_grad()
        (model(draw.tensor(6, 3)) - draw.tensor(6, 2)).pow(2).mean().backward()
        optimizer.step()
        solution.limit_norms(model, limit)
    return {name: p.detach() for name, p in model.named_parameters()}


@check(points=1, hidden=True)
def unusual(solution, draw):
    """It also holds for derived layers, layers without a bias, shared and frozen ones."""
    model = nn.ModuleDict({
        "derived": OwnLinear(6, 3),
        "attention": nn.MultiheadAttention(4, 2),  # its out_proj is derived from nn.Linear
        "no_bias": nn.Linear(4, 1, bias=False),
        "tied": models.tied(),
        "frozen": models.frozen(),
        "grouped": nn.Conv2d(4, 4, (1, 3), groups=2),
    })
    solution.limit_norms(draw.module(model), 0.2)
    return {name: p.detach() for name, p in model.named_parameters()}
