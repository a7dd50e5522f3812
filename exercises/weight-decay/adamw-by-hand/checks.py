"""Checks of the class `AdamW`: Adam with decoupled weight decay, from scratch.

Where `eps` stands shows for tiny gradients only. Most checks take `eps=0`, so that this mistake is
told apart from all others; their gradients are never 0.
"""

import torch
from torch import nn

from graders import check, models, observe


def two_layers(draw):
    """A network of double precision without gradients."""
    return draw.module(nn.Sequential(nn.Linear(3, 4), nn.Tanh(), nn.Linear(4, 2)).double())


def give_gradients(draw, model, factor=1.0):
    """Give every parameter a new gradient, whose elements are at least `factor` in size."""
    for parameter in model.parameters():
        values = draw.tensor(*parameter.shape, dtype=parameter.dtype)
        parameter.grad = factor * (values + torch.where(values < 0, -1.0, 1.0))


def give_zero_gradients(model):
    for parameter in model.parameters():
        parameter.grad = torch.zeros_like(parameter)


def run(solution, draw, model, steps, factor=1.0, **settings):
    """Make steps with new gradients each time and return the parameters."""
    optimizer = solution.AdamW(model.parameters(), **settings)
    for _ in range(steps):
        give_gradients(draw, model, factor)
        optimizer.step()
    return observe.parameters(model)


def move(solution, model, **settings):
    """Make one step and return by how much it moved all parameters, as one vector."""
    before = nn.utils.parameters_to_vector(model.parameters()).detach()
    solution.AdamW(model.parameters(), **settings).step()
    return nn.utils.parameters_to_vector(model.parameters()).detach() - before


def times(larger, smaller):
    """Say how many times as far one step moved the parameters as the other."""
    return larger.norm().item() / smaller.norm().item() if smaller.any() else "nothing moved"


def twins(draw):
    """Two networks with the same parameters."""
    first, second = two_layers(draw), two_layers(draw)
    second.load_state_dict(first.state_dict())
    return first, second


def scale(model, factor):
    """Multiply every parameter by a number, in place."""
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.mul_(factor)


def draw_lr(draw):
    return draw.number(0.02, 0.1)


def draw_decay(draw):
    return draw.number(0.1, 0.5)


def draw_settings(draw):
    return {"lr": draw_lr(draw), "eps": 0.0, "weight_decay": draw_decay(draw)}


@check(points=1)
def first_step(solution, draw):
    """Without decay the first step moves each parameter by lr, against its gradient's sign."""
    model = two_layers(draw)
    return run(solution, draw, model, 1, lr=draw_lr(draw), eps=0.0, weight_decay=0.0)


@check(points=1)
def scale_free(solution, draw):
    """Steps are f times as long with f times the learning rate, but not with larger gradients."""
    first, second = twins(draw)
    give_gradients(draw, first)
    give_gradients(draw, second, factor=1000.0)
    lr, factor = draw_lr(draw), draw.number(2.0, 3.0)
    moved = move(solution, first, lr=lr, eps=0.0, weight_decay=0.0)
    return times(move(solution, second, lr=factor * lr, eps=0.0, weight_decay=0.0), moved)


@check(points=2)
def adam(solution, draw):
    """Without decay five steps with changing gradients are those of Adam."""
    model = two_layers(draw)
    return run(solution, draw, model, 5, lr=draw_lr(draw), eps=0.0, weight_decay=0.0)


@check(points=2)
def pure_decay(solution, draw):
    """With gradients of zero every parameter becomes `1 - lr * weight_decay` times what it was."""
    model = two_layers(draw)
    give_zero_gradients(model)
    before, lr, weight_decay = observe.parameters(model), draw_lr(draw), draw_decay(draw)
    solution.AdamW(model.parameters(), lr=lr, weight_decay=weight_decay).step()
    # The learner is told the place of a difference: so the factors stand under their settings.
    factors = {name: after / before[name] for name, after in observe.parameters(model).items()}
    return {f"lr={lr:.4f}, weight_decay={weight_decay:.4f}": factors}


@check(points=1)
def proportional(solution, draw):
    """Parameters f times as large decay by f times as much."""
    small, large = twins(draw)
    scale(large, draw.number(2.0, 3.0))
    settings = {"lr": draw_lr(draw), "weight_decay": draw_decay(draw)}
    for model in (small, large):
        give_zero_gradients(model)
    moved = move(solution, small, **settings)
    return times(move(solution, large, **settings), moved)


@check(points=1)
def decay_times_lr(solution, draw):
    """With f times the learning rate parameters decay by f times as much."""
    slow, fast = twins(draw)
    lr, weight_decay, factor = draw_lr(draw), draw_decay(draw), draw.number(2.0, 3.0)
    for model in (slow, fast):
        give_zero_gradients(model)
    moved = move(solution, slow, lr=lr, weight_decay=weight_decay)
    return times(move(solution, fast, lr=factor * lr, weight_decay=weight_decay), moved)


@check(points=2)
def one_step(solution, draw):
    """Gradient and decay together: first the parameter decays, then it makes Adam's step."""
    model = two_layers(draw)
    return run(solution, draw, model, 1, **draw_settings(draw))


@check(points=2)
def training(solution, draw):
    """After ten steps of training the parameters are where `torch.optim.AdamW` brings them."""
    model, betas = two_layers(draw), (draw.number(0.5, 0.8), draw.number(0.9, 0.95))
    optimizer = solution.AdamW(model.parameters(), betas=betas, **draw_settings(draw))
    inputs, targets = draw.tensor(6, 3, dtype=torch.float64), draw.tensor(6, 2, dtype=torch.float64)
    for _ in range(10):
        model.zero_grad()
        nn.functional.mse_loss(model(inputs), targets).backward()
        optimizer.step()
    return observe.parameters(model)


@check(points=2, tolerance=1e-6)
def tiny_gradients(solution, draw):
    """`eps` stands outside the root: it makes the step for a gradient of 1e-9 short."""
    model = two_layers(draw)
    give_gradients(draw, model, factor=1e-9)
    settings = {"lr": draw_lr(draw), "eps": draw.number(0.5e-8, 2e-8), "weight_decay": 0.0}
    solution.AdamW(model.parameters(), **settings).step()
    return observe.parameters(model)


@check(points=1, tolerance=1e-6)
def defaults(solution, draw):
    """`AdamW(parameters)` has the settings of `torch.optim.AdamW`, its weight decay too."""
    # Of 1e-7: so the default of eps shows as well.
    return run(solution, draw, two_layers(draw), 5, factor=1e-7)


@check(points=1, after=one_step)
def gradients(solution, draw):
    """Every `.grad` is after two steps what it was before."""
    model = two_layers(draw)
    give_gradients(draw, model)
    optimizer = solution.AdamW(model.parameters(), lr=draw_lr(draw))
    optimizer.step()
    optimizer.step()
    return observe.gradients(model)


@check(points=1, after=one_step)
def unused(solution, draw):
    """A parameter without a gradient stays as it is; those after it make their step."""
    model, settings = two_layers(draw), draw_settings(draw)
    give_gradients(draw, model)
    model[0].bias.grad = None
    solution.AdamW(model.parameters(), **settings).step()
    return observe.parameters(model)


@check(points=2, after=training)
def own_count(solution, draw):
    """A parameter that has its first gradient at the fourth step then makes its first step."""
    model = two_layers(draw)
    optimizer = solution.AdamW(model.parameters(), **draw_settings(draw))
    for step in range(1, 6):
        give_gradients(draw, model)
        if step < 4:
            model[2].zero_grad()
        optimizer.step()
    return observe.parameters(model)


@check(points=1)
def frozen_late(solution, draw):
    """A parameter that was frozen after `backward()` still has a gradient, and makes its step."""
    model, settings = two_layers(draw), draw_settings(draw)
    give_gradients(draw, model)
    model.requires_grad_(False)
    solution.AdamW(model.parameters(), **settings).step()
    return observe.parameters(model)


@check(points=1, after=one_step)
def in_place(solution, draw):
    """Whoever shares a parameter's memory sees its new values."""
    model, settings = two_layers(draw), draw_settings(draw)
    give_gradients(draw, model)
    sharing = [parameter.detach() for parameter in model.parameters()]
    solution.AdamW(model.parameters(), **settings).step()
    return sharing


@check(points=2, hidden=True)
def together(solution, draw):
    """It all holds together: two optimizers, all settings, unusual shapes and dtypes."""
    odd = [
        draw.tensor(dtype=torch.float64, requires_grad=True),
        draw.tensor(2, 1, 3, requires_grad=True),
        draw.tensor(0, 3, requires_grad=True),
    ]
    model = draw.module(models.tied().double())
    settings = {"betas": (0.7, 0.8), "eps": draw.number(0.1, 0.5), "weight_decay": draw_decay(draw)}
    first = solution.AdamW(odd, lr=draw_lr(draw), **settings)
    second = solution.AdamW(list(model.parameters()), lr=draw_lr(draw), **settings)
    for _ in range(3):
        for parameter in (*odd, *model.parameters()):
            parameter.grad = draw.tensor(*parameter.shape, dtype=parameter.dtype)
        first.step()
        second.step()
    return [odd, observe.parameters(model)]
