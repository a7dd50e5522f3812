"""Checks of `choose_lambda(...)`: a sweep over λ that is fair, and blind to the test data.

Most sweeps here are played: `train` notes λ down on the model, and `evaluate` looks up a loss that was
made up for it. So a sweep takes no time, and everything that the solution does is on record.
"""

import math

import torch
from torch import nn
from torch.nn import functional
from torch.utils.data import DataLoader, TensorDataset

from graders import check


class Played:
    """What `choose_lambda` is given, and a record of what it does with it.

    Args:
        losses: for each loader's name, the loss that goes with each λ.
    """

    def __init__(self, losses):
        self.losses = losses
        self.loaders = {name: DataLoader(TensorDataset(torch.zeros(4, 1)), batch_size=2)
                        for name in ("train", "validation", "test")}
        self.made, self.starts, self.trained, self.batches = [], [], [], []

    def make_model(self):
        model = nn.Linear(12, 2)
        model.strengths = []
        self.made.append(model)
        return model

    def train(self, model, loader, weight_decay):
        self.trained.append((self.name_of(loader), weight_decay))
        if weight_decay not in model.strengths:
            self.starts.append(model.weight.detach().clone())
            self.batches.append(torch.randperm(8))  # as a loader would that shuffles
        model.strengths.append(weight_decay)
        model.weight.data.add_(0.01)

    def evaluate(self, model, loader):
        for _ in loader:  # one that is locked says so
            pass
        strength = model.strengths[-1] if model.strengths else None
        return self.losses[self.name_of(loader)].get(strength, 9.0)

    def name_of(self, loader):
        return next((name for name, known in self.loaders.items() if known is loader), "another")

    def run(self, solution, lambdas, seed=1):
        return solution.choose_lambda(
            self.make_model, self.train, self.evaluate, self.loaders, lambdas, seed
        )


class Real(Played):
    """A linear problem with few training samples and much noise; what is evaluated is on record."""

    def __init__(self, draw):
        super().__init__({})
        true, self.validation_losses = draw.tensor(20), {}
        for name, count in (("train", 24), ("validation", 48), ("test", 12)):
            inputs = draw.tensor(count, 20)
            data = TensorDataset(inputs, inputs @ true + 4.0 * draw.tensor(count))
            self.loaders[name] = DataLoader(data, batch_size=12, shuffle=name == "train")

    def make_model(self):
        return nn.Sequential(nn.Dropout(0.1), nn.Linear(20, 1), nn.Flatten(0))

    def train(self, model, loader, weight_decay):
        optimizer = torch.optim.SGD(model.parameters(), lr=0.03, weight_decay=weight_decay)
        for inputs, targets in [batch for _ in range(3) for batch in loader]:
            optimizer.zero_grad()
            functional.mse_loss(model(inputs), targets).backward()
            optimizer.step()
        model.strength = weight_decay

    @torch.no_grad()
    def evaluate(self, model, loader):
        model.eval()
        losses = [functional.mse_loss(model(inputs), targets) for inputs, targets in loader]
        loss = torch.stack(losses).mean().item()
        if loader is self.loaders["validation"]:
            self.validation_losses[model.strength] = loss
        return loss


class Locked(DataLoader):
    """A loader that nobody may read."""

    def __iter__(self):
        raise RuntimeError("the test data stay locked until λ has been chosen")


def draw_grid(draw):
    """Return 12 values of λ in rising order; the first is 0."""
    factor = draw.number(0.5, 2.0)
    return [0.0] + [factor * 10.0 ** (power / 2) for power in range(-10, 1)]


def valley(grid, best, low):
    """Return losses that grow with the distance from the place `best` in the grid."""
    return {strength: low + 0.1 * abs(place - best) for place, strength in enumerate(grid)}


def play(draw, grid, best):
    """Return a game with the lowest validation loss at place `best`.

    The training loss grows with λ, and faster than the validation loss falls before its lowest.
    """
    others = [place for place in range(2, 10) if place != best]
    return Played({
        "train": {strength: 0.05 + 0.11 * place for place, strength in enumerate(grid)},
        "validation": valley(grid, best, low=2.0),
        "test": valley(grid, draw.choice(others), low=1.9),
    })


def play_with(losses):
    """Return a game with these validation losses; the training loss is 0 whatever λ is."""
    return Played({"train": dict.fromkeys(losses, 0.0), "validation": losses, "test": losses})


@check(points=3)
def validation(solution, draw):
    """The λ with the lowest validation loss is returned."""
    grid = draw_grid(draw)
    return play(draw, grid, draw.integer(2, 9)).run(solution, list(grid))


@check(points=1)
def falling_grid(solution, draw):
    """The grid may be in falling order, too."""
    grid = draw_grid(draw)
    return play(draw, grid, draw.integer(2, 9)).run(solution, grid[::-1])


@check(points=1)
def two_valleys(solution, draw):
    """The loss may rise and fall again: every λ is tried before one is chosen."""
    grid, losses = draw_grid(draw), (1.0 + draw.tensor(12).abs()).tolist()
    losses[0], losses[1], losses[draw.integer(7, 9)] = 0.8, 0.9, 0.5
    return play_with(dict(zip(grid, losses, strict=True))).run(solution, list(grid))


@check(points=1)
def close(solution, draw):
    """The smallest validation loss wins, even where the others are close to it."""
    grid = draw_grid(draw)[:0:-1]  # falling, without the 0
    losses = {strength: 2.0 + 1e-6 * (strength != grid[-1]) for strength in grid}
    return play_with(losses).run(solution, grid)


@check(points=1)
def no_penalty_added(solution, draw):
    """It is the validation loss alone that counts, without any penalty on the weights."""
    grid, best = draw_grid(draw), draw.integer(5, 9)
    losses = {strength: 2.0 + 1e-6 * (place != best) for place, strength in enumerate(grid)}
    return play_with(losses).run(solution, list(grid))


@check(points=1)
def lone_lambda(solution, draw):
    """From a grid of one λ this λ is returned, as it stands there."""
    grid = draw_grid(draw)[5:6]
    return play_with({grid[0]: 0.25}).run(solution, grid)


@check(points=1)
def zero(solution, draw):
    """λ = 0, no penalty at all, can be the best; a λ after it can be better."""
    grid = draw_grid(draw)
    return [play(draw, grid, best).run(solution, list(grid)) for best in (0, draw.integer(2, 9))]


@check(points=2)
def diverged(solution, draw):
    """A λ with which training ended in nan or infinity is never chosen."""
    grid = draw_grid(draw)
    game = play(draw, grid, draw.integer(2, 9))
    for losses in game.losses.values():
        losses[grid[0]], losses[grid[-1]] = math.nan, draw.choice([math.nan, math.inf])
    return game.run(solution, list(grid))


@check(points=2)
def fresh_models(solution, draw):
    """Each λ gets a new model from `make_model`, which is trained once, with this λ."""
    grid = draw_grid(draw)
    game = play(draw, grid, 2)
    game.run(solution, grid[: draw.integer(5, 12)])
    return sorted(model.strengths for model in game.made)


@check(points=1)
def every_lambda(solution, draw):
    """Each λ is trained with, in whichever order, and on the training data only."""
    grid = draw_grid(draw)
    game = play(draw, grid, 2)
    game.run(solution, grid[: draw.integer(5, 12)])
    return sorted([name, strength] for name, strength in set(game.trained))


@check(points=2)
def same_start(solution, draw):
    """All models begin with the same parameters, those of `torch.manual_seed(seed)`."""
    grid = draw_grid(draw)[:3]
    game = play(draw, grid, 2)
    game.run(solution, grid, draw.integer(1, 9999))
    return game.starts


@check(points=1)
def same_batches(solution, draw):
    """Chance plays the same part in each training: batches come in the same order."""
    grid = draw_grid(draw)[:3]
    game = play(draw, grid, 2)
    game.run(solution, grid, draw.integer(1, 9999))
    return game.batches


@check(points=2)
def locked(solution, draw):
    """The test data are not read (here, reading them is an error)."""
    grid = draw_grid(draw)
    game = play(draw, grid, draw.integer(2, 9))
    game.loaders["test"] = Locked(TensorDataset(torch.zeros(4, 1)))
    return game.run(solution, list(grid))


@check(points=1, after=validation)
def arguments_kept(solution, draw):
    """The grid and the loaders are left as they were."""
    lambdas = draw_grid(draw)[::-1]
    game = play(draw, lambdas, 5)
    game.run(solution, lambdas)
    return {"lambdas": lambdas, "loaders": list(game.loaders)}


@check(points=2, hidden=True)
def real_training(solution, draw):
    """With real models, trained by SGD with dropout, the validation losses are those of a fair sweep."""
    game = Real(draw)
    game.run(solution, [1000.0, 0.3, 0.0, 0.01, 3.0], draw.integer(1, 9999))
    return sorted([strength, loss] for strength, loss in game.validation_losses.items())
