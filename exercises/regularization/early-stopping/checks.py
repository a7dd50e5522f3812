"""Checks of `EarlyStopping(patience, min_delta)`: `step(loss, model)`, `restore(model)`.

Each check plays a course of losses whose shape is set and whose values are drawn, most of them in
hundredths, so that a learner is shown them as they are.
"""

import math

import torch
from torch import nn

from graders import check, observe


def network():
    return nn.Sequential(nn.Linear(3, 4), nn.BatchNorm1d(4), nn.Linear(4, 2))


def falling(draw, count, start=None):
    """Return `count` losses, each lower than the one before, all above 1."""
    cents = draw.integer(800, 900) if start is None else round(100 * start)
    steps = [draw.integer(11, 40) for _ in range(count)]
    return [(cents - sum(steps[: index + 1])) / 100 for index in range(count)]


def rising(draw, count, start):
    """Return `count` losses, each higher than the one before and than `start`."""
    return [2 * start - loss for loss in falling(draw, count, start)]


def decisions(stopper, losses, model=None):
    """Step through the losses; return what was decided under the losses up to then."""
    model, told = model or network(), {}
    for count, loss in enumerate(losses, start=1):
        course = " ".join(f"{earlier:.4g}" for earlier in losses[:count])
        told[f"after {course}"] = "stop" if stopper.step(loss, model) else "go on"
    return told


def later(stopper, loss, patience):
    """Say whether it stops at all, so that who never does gains nothing; when is not shown."""
    told = decisions(stopper, [loss] * 2 * patience)
    return {"says stop later": "stop" in told.values()}


def train(draw, stopper, losses, model):
    """Change all of the model in each epoch, as training does, and once more at the end."""
    for loss in losses:
        draw.module(model)[1].num_batches_tracked.add_(1)
        stopper.step(loss, model)
    draw.module(model)[1].num_batches_tracked.add_(1)
    return model


@check(points=2)
def stops(solution, draw):
    """It says stop when the losses of `patience` epochs in a row were no improvement."""
    patience = draw.integer(2, 4)
    losses = falling(draw, 3)
    losses += rising(draw, patience + 2, losses[-1])
    return {f"patience {patience}": decisions(solution.EarlyStopping(patience), losses)}


@check(points=1)
def counts_anew(solution, draw):
    """It says go on after fewer than `patience` bad epochs; an improvement starts the count anew."""
    patience, losses = draw.integer(2, 4), falling(draw, 1)
    for _ in range(2):
        losses += rising(draw, patience - 1, losses[-1]) + falling(draw, 1, min(losses))
    stopper = solution.EarlyStopping(patience)
    told = decisions(stopper, losses)
    return {f"patience {patience}": told, **later(stopper, losses[0], patience)}


@check(points=2)
def zigzag(solution, draw):
    """A loss that is lower than the one before, but not than the best, is no improvement."""
    patience = draw.integer(2, 4)
    losses = falling(draw, 2)
    losses += [losses[-1] + 0.05 * place for place in range(patience, 0, -1)]
    return {f"patience {patience}": decisions(solution.EarlyStopping(patience), losses)}


@check(points=1)
def plateau(solution, draw):
    """A loss equal to the best is no improvement."""
    patience = draw.integer(2, 4)
    losses = falling(draw, 2)
    losses += [losses[-1]] * patience
    return {f"patience {patience}": decisions(solution.EarlyStopping(patience), losses)}


@check(points=1)
def small_gains(solution, draw):
    """A loss lower by less than `min_delta` is no improvement, a loss lower by more is one."""
    patience, min_delta = draw.integer(2, 3), draw.integer(20, 40) / 100
    losses = falling(draw, 1)
    losses += [losses[-1] - 1.1 * min_delta]  # enough; then each lower, but in all too little
    losses += [losses[-1] - 0.2 * min_delta * place for place in range(1, patience + 1)]
    stopper = solution.EarlyStopping(patience, min_delta)
    return {f"patience {patience}, min_delta {min_delta}": decisions(stopper, losses)}


@check(points=1)
def slightly_worse(solution, draw):
    """A loss that is higher than the best is no improvement, however large `min_delta` is."""
    patience, min_delta = draw.integer(2, 4), draw.integer(20, 40) / 100
    losses = falling(draw, 1)
    losses += [losses[-1] + 0.2 * min_delta * place for place in range(patience, 0, -1)]
    stopper = solution.EarlyStopping(patience, min_delta)
    return {f"patience {patience}, min_delta {min_delta}": decisions(stopper, losses)}


@check(points=1)
def gains_add_up(solution, draw):
    """Small gains are measured from the best loss, so that together they can be enough."""
    patience, min_delta = 5, draw.integer(20, 40) / 100
    best = falling(draw, 1)[0]
    losses = [best - 0.3 * min_delta * place for place in range(9)]
    stopper = solution.EarlyStopping(patience, min_delta)
    told = decisions(stopper, losses)
    return {f"patience {patience}, min_delta {min_delta}": told, **later(stopper, best, patience)}


@check(points=1)
def not_a_number(solution, draw):
    """A loss of NaN is no improvement, and does not stand in the way of later ones."""
    patience = draw.integer(2, 4)
    losses = [math.nan] * (patience - 1) + falling(draw, patience + 1) + [math.nan] * patience
    return {f"patience {patience}": decisions(solution.EarlyStopping(patience), losses)}


@check(points=1)
def any_scale(solution, draw):
    """The losses may be huge, and they may be negative."""
    patience = draw.integer(2, 4)
    huge, negative = [loss * 1e30 for loss in falling(draw, patience + 1)], falling(draw, patience)
    losses = [*huge, *(loss - 1000 for loss in negative), *[0.0] * patience]
    return {f"patience {patience}": decisions(solution.EarlyStopping(patience), losses)}


@check(points=1)
def best_loss(solution, draw):
    """`best_loss` is the loss of the last improvement."""
    losses = falling(draw, 3)
    stopper = solution.EarlyStopping(5, min_delta=0.1)
    decisions(stopper, [*losses, losses[-1] - 0.05, losses[-1] + 1.0, math.nan])
    return {"best_loss": observe.number(stopper.best_loss)}


@check(points=2)
def best_weights(solution, draw):
    """`restore` brings back the parameters of the best epoch after further training."""
    stopper, model = solution.EarlyStopping(5), draw.module(network())
    train(draw, stopper, falling(draw, 3), model)
    stopper.restore(model)
    return observe.parameters(model)


@check(points=1)
def best_buffers(solution, draw):
    """`restore` brings back the buffers too (BatchNorm's statistics), also after worse epochs."""
    stopper, losses = solution.EarlyStopping(5), falling(draw, 2)
    model = train(draw, stopper, losses + rising(draw, 2, losses[-1]), draw.module(network()))
    stopper.restore(model)
    return dict(model.named_buffers())


@check(points=1)
def only_the_best(solution, draw):
    """The weights of an epoch that is no improvement are not kept."""
    stopper, losses = solution.EarlyStopping(9, min_delta=0.1), falling(draw, 2)
    losses += [math.nan, losses[-1], losses[-1] - 0.05, losses[-1] + 1.0]
    model = train(draw, stopper, losses, draw.module(network()))
    stopper.restore(model)
    return observe.parameters(model)


@check(points=1, after=best_weights)
def restores_again(solution, draw):
    """What was kept stays as it was when training goes on after `restore`."""
    stopper, model = solution.EarlyStopping(5), draw.module(network())
    train(draw, stopper, falling(draw, 2), model)
    stopper.restore(model)
    draw.module(model)
    stopper.restore(model)
    return observe.parameters(model)


@check(points=1)
def another_model(solution, draw):
    """Another network of the same architecture can be given the kept state as well."""
    stopper, model, other = solution.EarlyStopping(5), draw.module(network()), network()
    stopper.step(falling(draw, 1)[0], model)
    stopper.restore(model)
    stopper.restore(draw.module(other))
    return observe.parameters(other)


@check(points=1, after=best_weights)
def optimizer_goes_on(solution, draw):
    """After `restore` an optimizer of before goes on training the model."""
    stopper, model = solution.EarlyStopping(5), draw.module(network())
    optimizer = torch.optim.SGD(model.parameters(), lr=0.5)
    train(draw, stopper, falling(draw, 2), model)
    stopper.restore(model)
    model[0](draw.tensor(5, 3)).sum().backward()
    optimizer.step()
    return observe.parameters(model)


@check(points=1, after=stops)
def step_only_looks(solution, draw):
    """`step` leaves the model alone, also when it says stop."""
    stopper, model, losses = solution.EarlyStopping(2), draw.module(network()), falling(draw, 2)
    train(draw, stopper, losses, model)
    for parameter in model.parameters():
        parameter.grad = draw.tensor(*parameter.shape)
    model[1].eval()  # beside others that are in training mode
    return [decisions(stopper, rising(draw, 2, losses[-1]), model), observe.state(model)]


@check(points=1, after=best_weights)
def gradients_kept(solution, draw):
    """`restore` leaves the gradients as they are."""
    stopper, model = solution.EarlyStopping(2), draw.module(network())
    train(draw, stopper, falling(draw, 2), model)
    for parameter in model.parameters():
        parameter.grad = draw.tensor(*parameter.shape)
    stopper.restore(model)
    return observe.gradients(model)


@check(points=1, after=best_weights)
def modes_kept(solution, draw):
    """`restore` leaves every module in its mode, training or evaluation."""
    stopper, model = solution.EarlyStopping(2), draw.module(network())
    train(draw, stopper, falling(draw, 2), model)
    model[draw.integer(0, 2)].eval()  # beside others that are in training mode
    stopper.restore(model)
    modes = {name or "model": module.training for name, module in model.named_modules()}
    return {"training mode": modes, "output": model(draw.tensor(5, 3)).detach()}


@check(points=1, after=best_weights)
def nothing_kept(solution, draw):
    """Before any improvement `best_loss` is infinity, and `restore` leaves the model as it is."""
    stopper = solution.EarlyStopping(5)
    model = train(draw, stopper, [math.nan, math.inf], draw.module(network()))
    stopper.restore(model)
    return {"best_loss": observe.number(stopper.best_loss), **observe.parameters(model)}


@check(points=1, after=best_weights)
def two_at_once(solution, draw):
    """Two objects for two models do not get into each other's way."""
    models, stoppers = [network(), network()], [solution.EarlyStopping(2) for _ in range(2)]
    for model, stopper in zip(models, stoppers, strict=True):
        train(draw, stopper, falling(draw, 2), model)
    for model, stopper in zip(models, stoppers, strict=True):
        stopper.restore(model)
    return [observe.parameters(model) for model in models]


@check(points=2, hidden=True)
def long_training(solution, draw):
    """It all holds together over a long training that goes up and down."""
    stopper, model = solution.EarlyStopping(4, min_delta=0.25), draw.module(network())
    # Eighths are exact in binary: "lower by more than min_delta" is also tried at its very edge.
    losses = [8 - min(epoch, 25) / 4 + draw.integer(-8, 8) / 8 for epoch in range(40)]
    low = min(losses)
    losses += [low - 1, low - 1.125, low - 1.25, math.nan, low + 1]
    told = []
    for loss in losses:
        draw.module(model)
        told.append(bool(stopper.step(loss, model)))
    stopper.restore(model)
    return [told, stopper.best_loss, observe.parameters(model)]
