"""Checks of `sgd_step(parameters, lr, weight_decay)`: one step of SGD with weight decay.

Everything is float64, in which "decay after the step" and "decay before it" are far apart.
"""

import torch
from torch import nn

from graders import check, observe


def two_layers(draw):
    """A network of double precision without gradients."""
    return draw.module(nn.Sequential(nn.Linear(3, 4), nn.Tanh(), nn.Linear(4, 2)).double())


def with_gradients(draw, model):
    """Give every parameter a gradient of its own."""
    for parameter in model.parameters():
        parameter.grad = draw.tensor(*parameter.shape, dtype=parameter.dtype)
    return model


def with_zero_gradients(model):
    """Give every parameter a gradient of zeros: only decay is left to move it."""
    for parameter in model.parameters():
        parameter.grad = torch.zeros_like(parameter)
    return model


def twins(draw):
    """Two networks with the same parameters, and gradients of zero."""
    first, second = two_layers(draw), two_layers(draw)
    second.load_state_dict(first.state_dict())
    return with_zero_gradients(first), with_zero_gradients(second)


def move(solution, model, lr, weight_decay):
    """Make one step and return by how much it moved all parameters, as one vector."""
    before = nn.utils.parameters_to_vector(model.parameters()).detach()
    solution.sgd_step(model.parameters(), lr, weight_decay)
    return nn.utils.parameters_to_vector(model.parameters()).detach() - before


def times(larger, smaller):
    """Say how many times as far one step moved the parameters as the other."""
    return larger.norm().item() / smaller.norm().item() if smaller.any() else "nothing moved"


def scale(model, factor):
    """Multiply every parameter by a number, in place."""
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.mul_(factor)
    return model


def draw_lr(draw):
    return draw.number(0.05, 0.2)


def draw_decay(draw):
    return draw.number(0.1, 0.5)


@check(points=1)
def plain(solution, draw):
    """With a weight decay of 0 every parameter becomes `p - lr * p.grad`."""
    model = with_gradients(draw, two_layers(draw))
    solution.sgd_step(model.parameters(), draw_lr(draw), 0.0)
    return observe.parameters(model)


@check(points=2)
def shrink(solution, draw):
    """With gradients of zero every parameter becomes `1 - lr * weight_decay` times what it was."""
    model = with_zero_gradients(two_layers(draw))
    before, lr, weight_decay = observe.parameters(model), draw_lr(draw), draw_decay(draw)
    solution.sgd_step(model.parameters(), lr, weight_decay)
    # The learner is told the place of a difference: so the factors stand under their settings.
    factors = {name: after / before[name] for name, after in observe.parameters(model).items()}
    return {f"lr={lr:.4f}, weight_decay={weight_decay:.4f}": factors}


@check(points=1)
def towards_zero(solution, draw):
    """Decay moves positive parameters down (-1) and negative ones up (1)."""
    model = with_zero_gradients(two_layers(draw))
    return move(solution, model, draw_lr(draw), draw_decay(draw)).sign()


@check(points=1)
def proportional(solution, draw):
    """Parameters f times as large decay by f times as much."""
    small, large = twins(draw)
    scale(large, draw.number(2.0, 3.0))
    lr, weight_decay = draw_lr(draw), draw_decay(draw)
    moved = move(solution, small, lr, weight_decay)
    return times(move(solution, large, lr, weight_decay), moved)


@check(points=1)
def learning_rate(solution, draw):
    """With f times the learning rate parameters decay by f times as much."""
    slow, fast = twins(draw)
    lr, weight_decay, factor = draw_lr(draw), draw_decay(draw), draw.number(2.0, 3.0)
    moved = move(solution, slow, lr, weight_decay)
    return times(move(solution, fast, factor * lr, weight_decay), moved)


@check(points=2)
def one_step(solution, draw):
    """Gradient and decay together: `p - lr * (p.grad + weight_decay * p)`."""
    model = with_gradients(draw, two_layers(draw))
    solution.sgd_step(model.parameters(), draw_lr(draw), draw_decay(draw))
    return observe.parameters(model)


@check(points=2)
def twenty_steps(solution, draw):
    """After 20 steps of training the parameters are where `torch.optim.SGD` brings them."""
    model, lr, weight_decay = two_layers(draw), draw_lr(draw), draw_decay(draw)
    inputs, targets = draw.tensor(6, 3, dtype=torch.float64), draw.tensor(6, 2, dtype=torch.float64)
    for _ in range(20):
        model.zero_grad()
        nn.functional.mse_loss(model(inputs), targets).backward()
        solution.sgd_step(model.parameters(), lr, weight_decay)
    return observe.parameters(model)


@check(points=1, after=one_step)
def gradients(solution, draw):
    """Every `.grad` is afterwards what it was before."""
    model = with_gradients(draw, two_layers(draw))
    solution.sgd_step(model.parameters(), draw_lr(draw), draw_decay(draw))
    return observe.gradients(model)


@check(points=1, after=one_step)
def unused(solution, draw):
    """A parameter without a gradient stays as it is: no step, no decay, still no gradient."""
    model = with_gradients(draw, two_layers(draw))
    model[2].zero_grad()
    solution.sgd_step(model.parameters(), draw_lr(draw), draw_decay(draw))
    return observe.state(model[2])


@check(points=1, after=one_step)
def after_unused(solution, draw):
    """Parameters that come after one without a gradient make their step."""
    model = with_gradients(draw, two_layers(draw))
    model[0].bias.grad = None
    solution.sgd_step(model.parameters(), draw_lr(draw), draw_decay(draw))
    return observe.parameters(model[2])


@check(points=1)
def frozen_late(solution, draw):
    """A parameter that was frozen after `backward()` still has a gradient, and is stepped."""
    model = with_gradients(draw, two_layers(draw))
    model.requires_grad_(False)
    solution.sgd_step(model.parameters(), draw_lr(draw), draw_decay(draw))
    return observe.parameters(model)


@check(points=1, after=one_step)
def in_place(solution, draw):
    """Whoever shares a parameter's memory sees its new values."""
    model = with_gradients(draw, two_layers(draw))
    sharing = [parameter.detach() for parameter in model.parameters()]
    solution.sgd_step(model.parameters(), draw_lr(draw), draw_decay(draw))
    return sharing


@check(points=2, hidden=True)
def mixed(solution, draw):
    """It all holds for a list of tensors of unusual shapes and dtypes."""
    tensors = [
        draw.tensor(dtype=torch.float64, requires_grad=True),
        draw.tensor(2, 1, 3, requires_grad=True),
        draw.tensor(2, dtype=torch.float64, requires_grad=True),
        draw.tensor(0, 3, requires_grad=True),
        draw.tensor(4, dtype=torch.bfloat16, requires_grad=True),
    ]
    for tensor in tensors:
        tensor.grad = draw.tensor(*tensor.shape, dtype=tensor.dtype)
    tensors[2].grad = None
    solution.sgd_step(tensors, draw_lr(draw), draw_decay(draw))
    return [[tensor, tensor.grad] for tensor in tensors]
