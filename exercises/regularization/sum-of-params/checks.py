"""Checks of `l2_penalty(model)`: the sum of squared parameters as a differentiable 0-dim tensor."""

from copy import deepcopy

import torch
from torch import nn

from graders import check, observe


def one_matrix():
    return nn.Linear(3, 4, bias=False)


def two_layers():
    return nn.Sequential(nn.Linear(3, 4), nn.ReLU(), nn.Linear(4, 2))


class Nested(nn.Module):
    """Networks inside a network, BatchNorm with its buffers, and a parameter of no layer."""

    def __init__(self):
        super().__init__()
        self.fc1 = nn.Linear(3, 4)
        self.body = nn.Sequential(nn.BatchNorm1d(4), nn.Sequential(nn.ReLU(), nn.Linear(4, 2)))
        self.temperature = nn.Parameter(torch.zeros(2))


class Tied(nn.Module):
    """An embedding whose weight is also the output layer's: one parameter under two names."""

    def __init__(self):
        super().__init__()
        self.embedding = nn.Embedding(5, 3)
        self.hidden = nn.Linear(3, 3, bias=False)
        self.output = nn.Linear(3, 5, bias=False)
        self.output.weight = self.embedding.weight


def scale(model, factor):
    """Multiply every parameter by a number, in place."""
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.mul_(factor)
    return model


def ratio(after, before):
    """Say how many times as large a number became, or that this cannot be said."""
    numbers = isinstance(before, float) and isinstance(after, float)
    return after / before if numbers and before else f"no ratio: first {before}, then {after}"


@check(points=2)
def value(solution, draw):
    """For a single weight matrix the penalty is the sum of its squared elements."""
    return observe.number(solution.l2_penalty(draw.module(one_matrix())))


@check(points=1)
def ones(solution, draw):
    """Where all elements are 1, the penalty is how many there are."""
    model = nn.Linear(draw.integer(2, 40), draw.integer(5, 40), bias=False)
    nn.init.ones_(model.weight)
    return observe.number(solution.l2_penalty(model.to(draw.device)))


@check(points=1)
def sign(solution, draw):
    """The larger the elements the larger the penalty, whatever their sign (seen is the order)."""
    model = draw.module(one_matrix())
    factors = [1.0, -1.5, 2.0, -3.0, 4.0, -6.0]
    order = draw.tensor(6).argsort().tolist()
    penalties = [
        observe.number(solution.l2_penalty(scale(deepcopy(model), factors[place])))
        for place in order
    ]
    if not all(isinstance(penalty, float) for penalty in penalties):
        return f"no order: the penalty is a {penalties[0]}"
    return torch.tensor(penalties).argsort()


@check(points=1)
def growth(solution, draw):
    """Parameters f times as large give a penalty f² times as large."""
    model = draw.module(one_matrix())
    before = observe.number(solution.l2_penalty(model))
    scale(model, draw.number(2.0, 3.0))
    return ratio(observe.number(solution.l2_penalty(model)), before)


@check(points=1)
def every_parameter(solution, draw):
    """In a network of two layers all four parameters count, the biases too."""
    return observe.number(solution.l2_penalty(draw.module(two_layers())))


@check(points=2)
def nested(solution, draw):
    """Parameters count wherever they lie in a nested model; buffers never do."""
    return observe.number(solution.l2_penalty(draw.module(Nested())))


@check(points=1)
def shared(solution, draw):
    """A parameter that two layers share is counted once."""
    return observe.number(solution.l2_penalty(draw.module(Tied())))


@check(points=1, after=value)
def zero_dim(solution, draw):
    """The result is a tensor of shape (), still connected to the parameters."""
    return solution.l2_penalty(draw.module(one_matrix()))


@check(points=2)
def gradient(solution, draw):
    """Gradients flow back: each parameter's is twice the parameter."""
    model = draw.module(Nested())
    return observe.backward(solution.l2_penalty(model), model)


@check(points=1, tolerance=1e-9)
def precision(solution, draw):
    """For float64 parameters the penalty is float64, and precise."""
    result = solution.l2_penalty(draw.module(one_matrix().double()))
    return [getattr(result, "dtype", None), observe.number(result)]


@check(points=1, after=value)
def device(solution, draw):
    """Penalty and gradients lie where the parameters lie (tried on the meta device)."""
    inputs, outputs = draw.integer(2, 9), draw.integer(2, 9)
    with torch.device("meta"):
        model = nn.Linear(inputs, outputs)
    result = solution.l2_penalty(model)
    return [getattr(result, "device", None), observe.backward(result, model)]


@check(points=1, after=value)
def unchanged(solution, draw):
    """The model is left as it was: parameters, buffers, gradients and mode."""
    model = draw.module(Nested())
    for parameter in model.parameters():
        parameter.grad = draw.tensor(*parameter.shape)
    model.fc1.eval()  # beside others that are in training mode
    solution.l2_penalty(model)
    return observe.state(model)


@check(points=1, hidden=True)
def unusual(solution, draw):
    """It also holds for other kinds of layers, frozen parameters and odd shapes."""
    model = nn.ModuleDict({
        "filters": nn.Conv2d(2, 3, 3),
        "memory": nn.LSTM(3, 2),
        "norms": nn.ModuleList([nn.LayerNorm([2, 2]), nn.GroupNorm(1, 2)]),
        "gate": nn.PReLU(),
    })
    model["filters"].requires_grad_(False)
    model.register_parameter("offset", nn.Parameter(torch.zeros(())))
    return observe.number(solution.l2_penalty(draw.module(model)))
