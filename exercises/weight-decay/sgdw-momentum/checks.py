"""Checks of the optimizer `SGDW`: momentum for the gradients, decay beside it.

Everything is float64. In most checks several steps are made: after a single one, decay in the
velocity and decay beside it have the same result.
"""

import copy

import torch
from torch import nn

from graders import check, models, observe


def two_layers(draw):
    """A network of double precision without gradients."""
    return draw.module(nn.Sequential(nn.Linear(3, 4), nn.Tanh(), nn.Linear(4, 2)).double())


def give_gradients(draw, model):
    """Give every parameter a new gradient."""
    for parameter in model.parameters():
        parameter.grad = draw.tensor(*parameter.shape, dtype=parameter.dtype)


def give_zero_gradients(model):
    """Give every parameter a gradient of zeros: only decay is left to move it."""
    for parameter in model.parameters():
        parameter.grad = torch.zeros_like(parameter)


def make_steps(draw, optimizer, model, steps):
    """Make steps with new gradients each time."""
    for _ in range(steps):
        give_gradients(draw, model)
        optimizer.step()


def twins(draw):
    """Two networks with the same parameters, and gradients of zero."""
    first, second = two_layers(draw), two_layers(draw)
    second.load_state_dict(first.state_dict())
    for model in (first, second):
        give_zero_gradients(model)
    return first, second


def scale(model, factor):
    """Multiply every parameter by a number, in place."""
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.mul_(factor)


def move(solution, model, **settings):
    """Make one step and return by how much it moved all parameters, as one vector."""
    before = nn.utils.parameters_to_vector(model.parameters()).detach()
    solution.SGDW(model.parameters(), **settings).step()
    return nn.utils.parameters_to_vector(model.parameters()).detach() - before


def times(larger, smaller):
    """Say how many times as far one step moved the parameters as the other."""
    return larger.norm().item() / smaller.norm().item() if smaller.any() else "nothing moved"


def draw_settings(draw):
    return {
        "lr": draw.number(0.05, 0.2),
        "momentum": draw.number(0.5, 0.95),
        "weight_decay": draw.number(0.1, 0.5),
    }


@check(points=1)
def plain(solution, draw):
    """Without momentum and decay every step is `p - lr * p.grad`."""
    model = two_layers(draw)
    settings = {**draw_settings(draw), "momentum": 0.0, "weight_decay": 0.0}
    make_steps(draw, solution.SGDW(model.parameters(), **settings), model, 2)
    return observe.parameters(model)


@check(points=1)
def no_momentum(solution, draw):
    """Without momentum, steps with decay are those of `torch.optim.SGD`."""
    model = two_layers(draw)
    settings = {**draw_settings(draw), "momentum": 0.0}
    make_steps(draw, solution.SGDW(model.parameters(), **settings), model, 2)
    return observe.parameters(model)


@check(points=2)
def momentum(solution, draw):
    """Without decay, steps with momentum are those of `torch.optim.SGD`."""
    model = two_layers(draw)
    settings = {**draw_settings(draw), "weight_decay": 0.0}
    make_steps(draw, solution.SGDW(model.parameters(), **settings), model, 4)
    return observe.parameters(model)


@check(points=2)
def pure_decay(solution, draw):
    """With gradients of zero every step multiplies by `1 - lr * weight_decay`, momentum or not."""
    model, settings = two_layers(draw), draw_settings(draw)
    give_zero_gradients(model)
    before, optimizer = observe.parameters(model), solution.SGDW(model.parameters(), **settings)
    for _ in range(5):
        optimizer.step()
    # The learner is told the place of a difference: so the factors stand under their settings.
    factors = {name: after / before[name] for name, after in observe.parameters(model).items()}
    place = ", ".join(f"{name}={value:.4f}" for name, value in settings.items())
    return {f"5 steps, {place}": factors}


@check(points=1)
def proportional(solution, draw):
    """Parameters f times as large decay by f times as much."""
    small, large = twins(draw)
    settings = draw_settings(draw)
    scale(large, draw.number(2.0, 3.0))
    moved = move(solution, small, **settings)
    return times(move(solution, large, **settings), moved)


@check(points=1, tolerance=0.01)
def decay_times_lr(solution, draw):
    """With f times the learning rate parameters decay by about f times as much."""
    slow, fast = twins(draw)
    lr, factor = draw.number(0.001, 0.01), draw.number(2.0, 4.0)
    settings = {"momentum": 0.9, "weight_decay": draw.number(0.01, 0.1)}
    moved = move(solution, slow, lr=lr, **settings)
    return times(move(solution, fast, lr=factor * lr, **settings), moved)


@check(points=2)
def training(solution, draw):
    """After ten steps of training with momentum and decay the parameters are where they must be."""
    model = two_layers(draw)
    optimizer = solution.SGDW(model.parameters(), **draw_settings(draw))
    inputs, targets = draw.tensor(6, 3, dtype=torch.float64), draw.tensor(6, 2, dtype=torch.float64)
    for _ in range(10):
        model.zero_grad()
        nn.functional.mse_loss(model(inputs), targets).backward()
        optimizer.step()
    return observe.parameters(model)


@check(points=1)
def all_groups(solution, draw):
    """The parameters of every group make their step."""
    model = two_layers(draw)
    groups = [{"params": list(layer.parameters())} for layer in (model[0], model[2])]
    make_steps(draw, solution.SGDW(groups, **draw_settings(draw)), model, 1)
    return observe.parameters(model)


@check(points=2)
def own_settings(solution, draw):
    """Each group has its own learning rate, momentum and weight decay."""
    model, settings = two_layers(draw), draw_settings(draw)
    first = {"params": list(model[0].parameters())}
    second = {"params": list(model[2].parameters()), **draw_settings(draw)}
    make_steps(draw, solution.SGDW([first, second], **settings), model, 3)
    return observe.parameters(model)


@check(points=1)
def schedule(solution, draw):
    """When a scheduler changes the learning rate, the next step is as long as that says."""
    model, settings = two_layers(draw), {**draw_settings(draw), "weight_decay": 0.0}
    optimizer = solution.SGDW(model.parameters(), **settings)
    scheduler = torch.optim.lr_scheduler.ExponentialLR(optimizer, draw.number(0.3, 0.7))
    for _ in range(3):
        make_steps(draw, optimizer, model, 1)
        scheduler.step()
    return observe.parameters(model)


@check(points=1)
def decay_schedule(solution, draw):
    """When a scheduler changes the learning rate, the decay follows as well."""
    model = two_layers(draw)
    give_zero_gradients(model)
    optimizer = solution.SGDW(model.parameters(), **draw_settings(draw))
    scheduler = torch.optim.lr_scheduler.ExponentialLR(optimizer, draw.number(0.3, 0.7))
    for _ in range(3):
        optimizer.step()
        scheduler.step()
    return observe.parameters(model)


@check(points=2, after=training)
def resumed(solution, draw):
    """A new optimizer with the old one's `state_dict()` goes on where that one stopped."""
    before, after, settings = two_layers(draw), two_layers(draw), draw_settings(draw)
    optimizer = solution.SGDW(before.parameters(), **settings)
    make_steps(draw, optimizer, before, 2)
    after.load_state_dict(before.state_dict())
    saved = copy.deepcopy(optimizer.state_dict())
    optimizer = solution.SGDW(after.parameters(), **settings)
    optimizer.load_state_dict(saved)
    make_steps(draw, optimizer, after, 2)
    return observe.parameters(after)


@check(points=1, after=training)
def gradients(solution, draw):
    """`.grad` is not changed, and not kept: new gradients may be written into the same memory."""
    model = two_layers(draw)
    give_zero_gradients(model)
    optimizer = solution.SGDW(model.parameters(), **draw_settings(draw))
    for _ in range(3):
        for parameter in model.parameters():
            parameter.grad.copy_(draw.tensor(*parameter.shape, dtype=torch.float64))
        optimizer.step()
    return [observe.gradients(model), observe.parameters(model)]


@check(points=1, after=training)
def unused(solution, draw):
    """A parameter without a gradient in one of the steps is left out there, with its velocity."""
    model = two_layers(draw)
    optimizer = solution.SGDW(model.parameters(), **draw_settings(draw))
    for step in range(3):
        give_gradients(draw, model)
        if step == 1:
            model[2].weight.grad = None
        optimizer.step()
    return observe.parameters(model)["2.weight"]


@check(points=1, after=training)
def after_unused(solution, draw):
    """Parameters that come after one without a gradient make their step."""
    model = two_layers(draw)
    give_gradients(draw, model)
    model[0].bias.grad = None
    solution.SGDW(model.parameters(), **draw_settings(draw)).step()
    return observe.parameters(model[2])


@check(points=1, after=training)
def in_place(solution, draw):
    """Whoever shares a parameter's memory sees its new values."""
    model = two_layers(draw)
    sharing = [parameter.detach() for parameter in model.parameters()]
    make_steps(draw, solution.SGDW(model.parameters(), **draw_settings(draw)), model, 2)
    return sharing


@check(points=2, hidden=True)
def together(solution, draw):
    """It all holds together: groups, a schedule and a restart, on a model that shares a weight."""
    model, odd = draw.module(models.tied()), nn.ParameterList([draw.tensor(), draw.tensor(2, 1, 3)])
    settings = draw_settings(draw)
    optimizer = solution.SGDW(model.parameters(), **settings)
    optimizer.add_param_group({"params": list(odd), "momentum": 0.3})
    for step in range(4):
        if step == 2:
            saved = copy.deepcopy(optimizer.state_dict())
            optimizer = solution.SGDW(model.parameters(), **draw_settings(draw))
            optimizer.add_param_group({"params": list(odd)})
            optimizer.load_state_dict(saved)
        optimizer.param_groups[0]["lr"] = settings["lr"] / (step + 1)
        for module in (model, odd):
            make_steps(draw, optimizer, module, 1)
            module.zero_grad()
    return [observe.parameters(model), observe.parameters(odd)]
