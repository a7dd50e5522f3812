"""Checks of `l1_penalty(model, skip_bias)`: the sum of absolute parameters, differentiable."""

import torch
from torch import nn

from graders import check, models, observe


def one_matrix(inputs=3, outputs=4):
    return nn.Linear(inputs, outputs, bias=False)


def ratio(after, before):
    """Say how many times as large a number became, or that this cannot be said."""
    numbers = isinstance(before, float) and isinstance(after, float)
    return after / before if numbers and before else f"no ratio: first {before}, then {after}"


def pulls(penalty, model):
    """Return each parameter's gradient; zeros for one that the penalty does not depend on."""
    found = observe.backward(penalty, model)
    if isinstance(found, str):
        return found
    return {name: torch.zeros_like(parameter) if found[name] is None else found[name]
            for name, parameter in model.named_parameters()}


def set_zeros(draw, parameter):
    """Set some elements of a parameter to exactly zero, others than in the grading before."""
    parameter.data[draw.tensor(*parameter.shape) > 0] = 0.0
    parameter.data[draw.integer(0, 3), draw.integer(0, 2)] = 0.0  # one at least


class Named(nn.Module):
    """What is no bias, and called much like one."""

    def __init__(self):
        super().__init__()
        self.unbiased_head = nn.Linear(4, 2)
        self.bias = nn.Linear(4, 4)
        self.bias_scale = nn.Parameter(torch.ones(3))


@check(points=2)
def value(solution, draw):
    """For a single weight matrix the penalty is the sum of its elements' absolute values."""
    return observe.number(solution.l1_penalty(draw.module(one_matrix()), skip_bias=False))


@check(points=1)
def positive(solution, draw):
    """Where all elements are positive, the penalty is their plain sum."""
    model = draw.module(one_matrix())
    model.weight.data.abs_()
    return observe.number(solution.l1_penalty(model, skip_bias=False))


@check(points=1)
def negative(solution, draw):
    """A single negative parameter counts with its absolute value."""
    model = draw.module(one_matrix(1, 1))
    model.weight.data.abs_().neg_()
    return observe.number(solution.l1_penalty(model, skip_bias=False))


@check(points=1)
def units(solution, draw):
    """Each element that is +1 or -1 counts 1."""
    model = draw.module(one_matrix(draw.integer(2, 40), draw.integer(5, 40)))
    model.weight.data.sign_()
    return observe.number(solution.l1_penalty(model, skip_bias=False))


@check(points=1)
def growth(solution, draw):
    """Parameters f times as large give a penalty f times as large."""
    model = draw.module(one_matrix())
    before = observe.number(solution.l1_penalty(model, skip_bias=False))
    model.weight.data.mul_(draw.number(2.0, 3.0))
    return ratio(observe.number(solution.l1_penalty(model, skip_bias=False)), before)


@check(points=1)
def with_biases(solution, draw):
    """With skip_bias=False every parameter counts, in nested modules too, and biases as well."""
    return observe.number(solution.l1_penalty(draw.module(models.nested()), skip_bias=False))


@check(points=2)
def without_biases(solution, draw):
    """With skip_bias=True no bias counts, and everything else does."""
    return observe.number(solution.l1_penalty(draw.module(models.nested()), skip_bias=True))


@check(points=1)
def lone_layer(solution, draw):
    """The bias of a model which is a single layer, called just `bias`, is left out too."""
    return observe.number(solution.l1_penalty(draw.module(nn.Linear(5, 4)), skip_bias=True))


@check(points=1)
def own_names(solution, draw):
    """With skip_bias=True `bias.weight`, `unbiased_head.weight` and `bias_scale` still count."""
    return observe.number(solution.l1_penalty(draw.module(Named()), skip_bias=True))


@check(points=1)
def buffers(solution, draw):
    """Buffers, such as the running statistics of a BatchNorm, are no parameters."""
    return observe.number(solution.l1_penalty(draw.module(models.with_buffers()), skip_bias=True))


@check(points=1)
def shared(solution, draw):
    """A parameter that two layers share is counted once."""
    return observe.number(solution.l1_penalty(draw.module(models.tied()), skip_bias=True))


@check(points=2)
def gradient(solution, draw):
    """Each element's gradient is its sign, +1 or -1."""
    model = draw.module(one_matrix())
    return pulls(solution.l1_penalty(model, skip_bias=False), model)


@check(points=1, after=gradient)
def small(solution, draw):
    """However small a parameter is, it is pulled towards zero as strongly as a large one."""
    model = draw.module(one_matrix())
    model.weight.data.mul_(1e-7)
    return pulls(solution.l1_penalty(model, skip_bias=False), model)


@check(points=1, after=gradient)
def finite(solution, draw):
    """At parameters that are exactly zero the gradient is a finite number."""
    model = draw.module(one_matrix())
    set_zeros(draw, model.weight)
    pull = pulls(solution.l1_penalty(model, skip_bias=False), model)["weight"]
    # Which finite number is the next check's question.
    return pull.masked_fill(observe.zeros(model.weight) & pull.isfinite(), 0.0)


@check(points=2, after=gradient)
def at_zero(solution, draw):
    """A parameter that is exactly zero has the gradient 0, and the others keep theirs."""
    model = draw.module(one_matrix())
    set_zeros(draw, model.weight)
    return pulls(solution.l1_penalty(model, skip_bias=False), model)


@check(points=1)
def bias_gradient(solution, draw):
    """With skip_bias=True no gradient reaches a bias (None or 0), and all others get theirs."""
    model = draw.module(models.nested())
    return pulls(solution.l1_penalty(model, skip_bias=True), model)


@check(points=1, after=value)
def zero_dim(solution, draw):
    """The penalty is a tensor of shape (), still connected to the parameters."""
    return solution.l1_penalty(draw.module(one_matrix()), skip_bias=False)


@check(points=1, after=value, tolerance=1e-9)
def precision(solution, draw):
    """For float64 parameters the penalty is float64, and precise."""
    result = solution.l1_penalty(draw.module(models.nested().double()), skip_bias=True)
    return [getattr(result, "dtype", None), observe.number(result)]


@check(points=1, after=value)
def device(solution, draw):
    """Penalty and gradients lie where the parameters lie (tried on the meta device)."""
    inputs, outputs = draw.integer(2, 9), draw.integer(2, 9)
    with torch.device("meta"):
        model = one_matrix(inputs, outputs)
    result = solution.l1_penalty(model, skip_bias=True)
    return [getattr(result, "device", None), observe.backward(result, model)]


@check(points=1, after=value)
def unchanged(solution, draw):
    """The model is left as it was: parameters, what is trainable, gradients and mode."""
    model = draw.module(models.with_buffers())
    for parameter in model.parameters():
        parameter.grad = draw.tensor(*parameter.shape)
    model[1].eval()  # beside others that are in training mode
    solution.l1_penalty(model, skip_bias=True)
    return observe.state(model)


@check(points=2, hidden=True)
def unusual(solution, draw):
    """It also holds for other kinds of layers, frozen parameters and odd shapes."""
    model = nn.ModuleDict({
        "filters": nn.Conv2d(2, 3, 3),
        "frozen": models.frozen(),
        "gate": nn.PReLU(),
        "head": nn.Bilinear(2, 2, 3),
    })
    model.register_parameter("offset", nn.Parameter(torch.zeros(())))
    return observe.number(solution.l1_penalty(draw.module(model), skip_bias=True))
