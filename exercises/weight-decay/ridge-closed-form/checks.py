"""Checks of `ridge(inputs, targets, weight_decay)`: closed form against what training finds."""

import torch

from graders import check, observe


def draw_data(draw, count, features):
    """Return inputs and noisy linear targets, float64, both with means near zero."""
    inputs = draw.tensor(count, features, dtype=torch.float64)
    targets = inputs @ draw.tensor(features, dtype=torch.float64)
    return inputs, targets + 0.5 * draw.tensor(count, dtype=torch.float64)


def centred(tensor):
    return tensor - tensor.mean(dim=0)


def draw_decay(draw):
    return draw.number(0.1, 0.9)


def numbers(solution, *problem):
    """Return weight and bias, flat and float64: shape and dtype have a check of their own."""
    weight, bias = solution.ridge(*problem)
    return {"weight": weight.detach().flatten().double(), "bias": bias.detach().flatten().double()}


def length(solution, *problem):
    return numbers(solution, *problem)["weight"].norm()


def shuffled(draw, count):
    """Return the numbers from 0 to `count` - 1 in random order."""
    return draw.tensor(count).argsort().tolist()


def train_on(start, inputs, targets, weight_decay, steps):
    """Go on training a linear model with SGD; its bias is in a group without decay."""
    weight, bias = start["weight"].requires_grad_(), start["bias"].requires_grad_()
    groups = [{"params": [weight], "weight_decay": weight_decay}, {"params": [bias]}]
    optimizer = torch.optim.SGD(groups, lr=0.05)
    for _ in range(steps):
        optimizer.zero_grad()
        torch.nn.functional.mse_loss(inputs @ weight + bias, targets).backward()
        optimizer.step()
    return {"weight": weight.detach(), "bias": bias.detach()}


@check(points=3, tolerance=1e-5)
def training(solution, draw):
    """Training with weight_decay goes nowhere from there: it is where SGD comes to rest."""
    inputs, targets = draw_data(draw, 40, 4)
    targets, weight_decay = targets + 2.0, draw_decay(draw)
    start = numbers(solution, inputs.clone(), targets.clone(), weight_decay)
    return train_on(start, inputs, targets, weight_decay, steps=20)


@check(points=2, tolerance=1e-5)
def weight(solution, draw):
    """For data with the mean zero, and more samples than inputs, the weight agrees."""
    inputs, targets = draw_data(draw, 30, 5)
    return numbers(solution, centred(inputs), centred(targets), draw_decay(draw))["weight"]


@check(points=1, tolerance=1e-5)
def two_samples(solution, draw):
    """For two samples of one input the weight agrees."""
    x, y = draw.number(0.5, 2.0), draw.number(0.5, 2.0)
    inputs = torch.tensor([[x], [-x]], dtype=torch.float64)
    targets = torch.tensor([y, -y], dtype=torch.float64)
    return numbers(solution, inputs, targets, draw_decay(draw))["weight"]


@check(points=1, tolerance=1e-5)
def standard_inputs(solution, draw):
    """For uncorrelated inputs with the variance 1 the weight agrees."""
    signs = torch.tensor([[1.0, 1, 1], [1, -1, -1], [-1, 1, -1], [-1, -1, 1]]).double()
    targets = centred(draw.tensor(8, dtype=torch.float64))
    return numbers(solution, signs.repeat(2, 1), targets, draw_decay(draw))["weight"]


@check(points=1)
def shorter(solution, draw):
    """The stronger the decay, the shorter the weight (seen is the order of the lengths)."""
    inputs, targets = draw_data(draw, 30, 1)
    lengths = [length(solution, centred(inputs), centred(targets), 0.1 * 1.3**step)
               for step in shuffled(draw, 6)]
    return torch.stack(lengths).argsort()


@check(points=1)
def repeated(solution, draw):
    """Every sample given several times is the same mean loss: the order stays what it was."""
    inputs, targets = draw_data(draw, 8, 1)
    inputs, targets = centred(inputs), centred(targets)
    lengths = [
        length(solution, inputs.repeat(2**step, 1), targets.repeat(2**step), 0.1 * 1.3**step)
        for step in shuffled(draw, 6)
    ]
    return torch.stack(lengths).argsort()


@check(points=1, tolerance=1e-5)
def shifted_targets(solution, draw):
    """Targets with the mean c and inputs with the mean 0 give the bias c, whatever the decay."""
    inputs, targets = draw_data(draw, 20, 3)
    problem = centred(inputs), centred(targets) + draw.number(5.0, 9.0), draw_decay(draw)
    return numbers(solution, *problem)["bias"]


@check(points=1, tolerance=1e-5)
def shifted_inputs(solution, draw):
    """Inputs far from zero give the weight of centred ones; the bias makes up for the mean."""
    inputs, targets = draw_data(draw, 20, 3)
    return numbers(solution, inputs + draw.number(5.0, 9.0), targets, draw_decay(draw))


@check(points=1, tolerance=1e-5)
def strong(solution, draw):
    """Under a very strong decay the weight all but vanishes; the bias is the targets' mean."""
    inputs, targets = draw_data(draw, 20, 3)
    return numbers(solution, inputs + 1.0, targets + draw.number(5.0, 9.0), 1e9)


@check(points=1, tolerance=1e-5)
def weak(solution, draw):
    """Under a very weak decay it is the line of least squares."""
    inputs, targets = draw_data(draw, 20, 3)
    return numbers(solution, inputs + 1.0, targets + 3.0, 1e-8)


@check(points=2, tolerance=1e-5)
def wide(solution, draw):
    """It works with more inputs than samples."""
    inputs, targets = draw_data(draw, 6, 15)
    return numbers(solution, centred(inputs), centred(targets), draw_decay(draw))["weight"]


@check(points=1)
def shapes(solution, draw):
    """The weight has the shape (d,), the bias the shape ()."""
    inputs, targets = draw_data(draw, draw.integer(10, 20), draw.integer(2, 20))
    return [tuple(result.shape) for result in solution.ridge(inputs, targets, 0.5)]


@check(points=1)
def dtypes(solution, draw):
    """Weight and bias have the dtype of the data."""
    inputs, targets = draw_data(draw, 10, 3)
    kinds = [torch.float32, torch.float64]
    kinds += [draw.choice(kinds) for _ in range(6)]
    return [[result.dtype for result in solution.ridge(inputs.to(kind), targets.to(kind), 0.5)]
            for kind in kinds]


@check(points=1, after=weight)
def precision(solution, draw):
    """For float64 data the weight is good to nine digits."""
    inputs, targets = draw_data(draw, 25, 4)
    return numbers(solution, centred(inputs), centred(targets), draw_decay(draw))["weight"]


@check(points=1, after=weight)
def inputs_kept(solution, draw):
    """Inputs and targets are left as they were."""
    inputs, targets = draw_data(draw, 20, 3)
    inputs, targets = inputs + 1.0, targets + 1.0
    return observe.inputs_after(
        lambda: solution.ridge(inputs, targets, 0.5), inputs=inputs, targets=targets
    )


@check(points=1, after=(weight, shifted_inputs), tolerance=1e-5)
def differentiable(solution, draw):
    """Gradients flow from the results back to the inputs and the targets."""
    inputs, targets = draw_data(draw, 12, 3)
    data = [inputs.requires_grad_(), targets.requires_grad_()]
    # Not the leaves themselves: changing one in place is an error, and another check's question.
    weight, bias = solution.ridge(inputs + 0, targets + 0, draw_decay(draw))
    scores = weight.pow(2).sum(), weight.sum() + bias.sum()
    return [observe.gradient(score, tensor) for score in scores for tensor in data]


@check(points=2, hidden=True, tolerance=1e-5)
def awkward(solution, draw):
    """It also holds for an input that never varies, and for a single sample."""
    inputs, targets = draw_data(draw, 16, 4)
    inputs[:, draw.integer(0, 3)] = 1.5
    return [numbers(solution, inputs, targets, draw_decay(draw)),
            numbers(solution, *draw_data(draw, 1, 3), draw_decay(draw))]
