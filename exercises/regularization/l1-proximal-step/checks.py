"""Checks of `proximal_step(parameters, lr, lam)`: soft thresholding by `lr * lam`, in place.

The weights of most checks have gradients, as they have after `backward()`; `within` and `beyond`
say on which side of the threshold they lie.
"""

import torch
from torch import nn

from graders import check, observe


def draw_rates(draw):
    """Return a learning rate below 1 and a strength above, so that nothing hides behind a 1."""
    return draw.number(0.05, 0.3), draw.number(1.2, 2.0)


def trained(draw, values):
    """Return a parameter with these values and some gradient."""
    parameter = nn.Parameter(values)
    parameter.grad = draw.tensor(*values.shape, dtype=values.dtype)
    return parameter


def beyond(draw, threshold, *shape, dtype=torch.float32):
    """Return values of both signs, all further from zero than the threshold."""
    normal = draw.tensor(*shape, dtype=dtype)
    return threshold * (normal + 1.2 * normal.sign())


def mixed(draw, threshold, *shape, dtype=torch.float32):
    """Return values of both signs on both sides of the threshold."""
    return 1.5 * threshold * draw.tensor(*shape, dtype=dtype)


def two_layers():
    return nn.Sequential(nn.Linear(3, 4), nn.ReLU(), nn.Linear(4, 2))


@check(points=2)
def shrinks(solution, draw):
    """A weight that is further from zero than `lr * lam` moves towards zero by `lr * lam`."""
    lr, lam = draw_rates(draw)
    weight = trained(draw, beyond(draw, lr * lam, 3, 4))
    solution.proximal_step([weight], lr, lam)
    return weight.detach()


@check(points=2)
def exact_zeros(solution, draw):
    """The weights within `lr * lam` of zero, and only these, become exactly zero."""
    lr, lam = draw_rates(draw)
    weight = trained(draw, mixed(draw, lr * lam, 5, 8))
    solution.proximal_step([weight], lr, lam)
    return {"is exactly zero": observe.zeros(weight)}


@check(points=1)
def signs(solution, draw):
    """A weight that is further from zero than `lr * lam` comes closer and keeps its sign."""
    lr, lam = draw_rates(draw)
    weight = trained(draw, beyond(draw, lr * lam, 5, 8))
    before = weight.detach().clone()
    solution.proximal_step([weight], lr, lam)
    return {"sign": weight.detach().sign(), "is closer to zero": weight.abs() < before.abs()}


@check(points=1)
def learning_rate(solution, draw):
    """With f times the learning rate a weight far from zero moves f times as far."""
    (lr, lam), f = draw_rates(draw), draw.number(2.0, 3.0)
    weight, other = (trained(draw, values) for values in draw.tensor(3, 1).add(9).repeat(2, 1, 1))
    before = weight.detach().clone()
    solution.proximal_step([weight], lr, lam)
    solution.proximal_step([other], f * lr, lam)
    return {"f": (before - other.detach()) / (before - weight.detach())}


@check(points=1)
def no_penalty(solution, draw):
    """A weight stays as it is with `lam = 0`, also at zero, and only then."""
    lr, lam = draw_rates(draw)
    weight, other = (trained(draw, draw.tensor(3, 4)) for _ in range(2))
    with torch.no_grad():
        weight[draw.integer(0, 2)] = 0.0
    before = other.detach().clone()
    solution.proximal_step([weight], lr, 0.0)
    solution.proximal_step([other], lr, lam)
    return {"with lam = 0": weight.detach(), "another stays with lam > 0": other == before}


@check(points=1, after=shrinks)
def zero_stays(solution, draw):
    """A weight that is zero already stays zero."""
    lr, lam = draw_rates(draw)
    weight = trained(draw, beyond(draw, lr * lam, 3, 4))
    with torch.no_grad():
        weight[draw.integer(0, 2)] = 0.0
    solution.proximal_step([weight], lr, lam)
    return weight.detach()


@check(points=1)
def every_parameter(solution, draw):
    """All parameters of a model are shrunk, the biases too, when given as `model.parameters()`."""
    model = draw.module(two_layers())
    for parameter in model.parameters():
        parameter.grad = draw.tensor(*parameter.shape)
    solution.proximal_step(model.parameters(), 0.5, draw.number(1.2, 2.0))
    return observe.parameters(model)


@check(points=1)
def without_gradient(solution, draw):
    """A parameter without a gradient is shrunk as well."""
    lr, lam = draw_rates(draw)
    weight = nn.Parameter(mixed(draw, lr * lam, 3, 4))
    solution.proximal_step([weight], lr, lam)
    return weight.detach()


@check(points=1, after=shrinks)
def gradients_kept(solution, draw):
    """The gradients of the parameters are left as they are."""
    lr, lam = draw_rates(draw)
    weight = trained(draw, beyond(draw, lr * lam, 3, 4))
    solution.proximal_step([weight], lr, lam)
    return {"gradient": weight.grad}


@check(points=1, after=shrinks)
def still_trainable(solution, draw):
    """Training goes on: afterwards the next `backward()` reaches every parameter."""
    model = draw.module(two_layers())
    solution.proximal_step(model.parameters(), *draw_rates(draw))
    draw.module(model)  # whatever the step made of the weights is not looked at here
    return observe.backward(model(draw.tensor(5, 3)).sum(), model)


@check(points=1, after=shrinks)
def in_place(solution, draw):
    """The new values are written into the parameter's own memory: a view of it shows them."""
    lr, lam = draw_rates(draw)
    weight = trained(draw, beyond(draw, lr * lam, 3, 4))
    view = weight.detach().t()
    solution.proximal_step([weight], lr, lam)
    return view


@check(points=1, tolerance=1e-10, after=shrinks)
def precision(solution, draw):
    """For float64 parameters the step is as precise as float64 is."""
    lr, lam = draw_rates(draw)
    weight = trained(draw, beyond(draw, lr * lam, 3, 4, dtype=torch.float64))
    solution.proximal_step([weight], lr, lam)
    return weight.detach()


@check(points=1, hidden=True)
def unusual(solution, draw):
    """It also holds for other shapes, memory layouts and dtypes."""
    lr, lam = draw_rates(draw)
    shapes = [(), (0,), (7,), (2, 2, 3)]
    weights = [trained(draw, mixed(draw, lr * lam, *shape)) for shape in shapes]
    weights.append(trained(draw, mixed(draw, lr * lam, 4, 3).t()))
    weights.append(trained(draw, beyond(draw, lr * lam, 6).to(torch.bfloat16)))
    solution.proximal_step(iter(weights), lr, lam)
    return [weight.detach() for weight in weights]


@check(points=2, hidden=True)
def lasso(solution, draw):
    """In a training loop with SGD, weights that do not help become exactly zero and stay so."""
    lam = draw.number(1.2, 2.0)
    inputs = draw.tensor(60, 12, dtype=torch.float64)
    targets = inputs[:, :3] @ draw.tensor(3, dtype=torch.float64).add(4)
    weight = nn.Parameter(draw.tensor(12, dtype=torch.float64))
    optimizer = torch.optim.SGD([weight], lr=0.1)
    for _ in range(60):
        optimizer.zero_grad()
        (inputs @ weight - targets).pow(2).mean().backward()
        optimizer.step()
        solution.proximal_step([weight], 0.1, lam)
    return {"weights": weight.detach(), "is exactly zero": observe.zeros(weight)}
