"""Checks of `decay_groups(model, weight_decay)`: which parameter gets which weight decay.

What is looked at is an optimizer built from the groups, by parameter name: the order within a
group does not matter.
"""

import torch
from torch import nn

from graders import check, observe

OPTIMIZER_DEFAULT = 0.5  # shows where a group leaves its weight_decay to the optimizer


def settings(groups, model, kind=torch.optim.SGD):
    """Return the weight decay of each parameter in an optimizer built from the groups."""
    # An optimizer completes the dicts that it is given: it gets dicts of its own.
    copies = [dict(group) for group in groups]
    optimizer = kind(copies, lr=0.1, weight_decay=OPTIMIZER_DEFAULT)
    return observe.optimizer_settings(optimizer, model)


def draw_decay(draw):
    return draw.number(0.01, 0.2)


class Named(nn.Module):
    """A normalisation layer under its usual name."""

    def __init__(self):
        super().__init__()
        self.fc1 = nn.Linear(3, 4)
        self.bn1 = nn.BatchNorm1d(4)
        self.fc2 = nn.Linear(4, 2)


class LikeBiases(nn.Module):
    """Layers with weights, whose names sound like biases."""

    def __init__(self):
        super().__init__()
        self.unbiased_head = nn.Linear(4, 2)
        self.bias = nn.Linear(4, 4)


class LikeNorms(nn.Module):
    """Layers with weights, whose names sound like normalisation."""

    def __init__(self):
        super().__init__()
        self.subnet = nn.Sequential(nn.Linear(3, 4), nn.ReLU())
        self.norm_predictor = nn.Linear(4, 1)


class Free(nn.Module):
    """Parameters of the model itself, in no layer."""

    def __init__(self):
        super().__init__()
        self.positions = nn.Parameter(torch.zeros(4, 3))
        self.temperature = nn.Parameter(torch.zeros(1))
        self.bias = nn.Parameter(torch.zeros(3))
        self.layer = nn.Linear(3, 3)


class Tied(nn.Module):
    """An embedding whose weight is also the output layer's."""

    def __init__(self):
        super().__init__()
        self.embedding = nn.Embedding(5, 3)
        self.output = nn.Linear(3, 5)
        self.output.weight = self.embedding.weight


class ScaleNorm(nn.LayerNorm):
    """A normalisation of somebody's own, derived from a known one."""


@check(points=1)
def two_groups(solution, draw):
    """There are two groups: the first with the given weight decay, the second with 0.0."""
    model = draw.module(nn.Sequential(nn.Linear(3, 4), nn.Linear(4, 2)))
    groups = solution.decay_groups(model, draw_decay(draw))
    return [group["weight_decay"] if "weight_decay" in group else "missing" for group in groups]


@check(points=2)
def each_once(solution, draw):
    """Every trainable parameter of the model is in exactly one group, once."""
    layers = [nn.LSTM(2, 3, num_layers=draw.integer(1, 4))]
    layers += [nn.PReLU() for _ in range(draw.integer(0, 9))]
    model = draw.module(nn.ModuleList([Free(), Tied(), *layers]))
    found = settings(solution.decay_groups(model, draw_decay(draw)), model)
    return {name: found[name] if isinstance(found[name], str) else "once"
            for name, _ in model.named_parameters()}


@check(points=2)
def linear(solution, draw):
    """In a network of linear layers the weights are decayed and the biases are not."""
    model = draw.module(nn.Sequential(nn.Linear(3, 4), nn.ReLU(), nn.Linear(4, 2)))
    return settings(solution.decay_groups(model, draw_decay(draw)), model)


@check(points=1)
def other_layers(solution, draw):
    """Weights of convolutions and embeddings are decayed like those of linear layers."""
    model = draw.module(nn.ModuleList([nn.Conv2d(2, 3, 3), nn.Embedding(4, 2)]))
    return settings(solution.decay_groups(model, draw_decay(draw)), model)


@check(points=2)
def batch_norm(solution, draw):
    """The scale and shift of a BatchNorm are not decayed."""
    model = draw.module(Named())
    return settings(solution.decay_groups(model, draw_decay(draw)), model)


@check(points=2)
def other_norms(solution, draw):
    """No normalisation in an `nn.Sequential` is decayed, where its scale is called `1.weight`."""
    layers = [
        nn.Conv2d(2, 2, 1),
        nn.GroupNorm(1, 2),
        nn.InstanceNorm2d(2, affine=True),
        nn.BatchNorm2d(2),
        nn.LayerNorm([2, 2]),
        nn.RMSNorm(2),
    ]
    model = draw.module(nn.Sequential(*layers))
    return settings(solution.decay_groups(model, draw_decay(draw)), model)


@check(points=1)
def names_like_biases(solution, draw):
    """Weights of layers that are called `unbiased_head` or `bias` are decayed."""
    model = draw.module(LikeBiases())
    return settings(solution.decay_groups(model, draw_decay(draw)), model)


@check(points=1)
def names_like_norms(solution, draw):
    """Weights of layers that are called `subnet` or `norm_predictor` are decayed."""
    model = draw.module(LikeNorms())
    return settings(solution.decay_groups(model, draw_decay(draw)), model)


@check(points=1)
def own_parameters(solution, draw):
    """Parameters of the model itself are in a group as well: only its `bias` is undecayed."""
    model = draw.module(Free())
    return settings(solution.decay_groups(model, draw_decay(draw)), model)


@check(points=1)
def long_bias_names(solution, draw):
    """Biases such as `bias_ih_l0` of an LSTM and `in_proj_bias` of attention are undecayed."""
    model = draw.module(nn.ModuleList([nn.LSTM(2, 3), nn.MultiheadAttention(2, 1)]))
    return settings(solution.decay_groups(model, draw_decay(draw)), model)


@check(points=1)
def tied(solution, draw):
    """A parameter that two layers share is in one group, once."""
    model = draw.module(Tied())
    return settings(solution.decay_groups(model, draw_decay(draw)), model)


@check(points=1)
def frozen(solution, draw):
    """Frozen parameters are in no group."""
    model = draw.module(nn.Sequential(nn.Linear(3, 4), nn.Linear(4, 4), nn.Linear(4, 2)))
    model[0].requires_grad_(False)
    model[draw.choice([1, 2])].bias.requires_grad_(False)
    return settings(solution.decay_groups(model, draw_decay(draw)), model)


@check(points=1)
def used_twice(solution, draw):
    """The same groups build a second optimizer, of another kind."""
    model = draw.module(nn.Linear(3, 2))
    groups = solution.decay_groups(model, draw_decay(draw))
    return [settings(groups, model), settings(groups, model, kind=torch.optim.AdamW)]


@check(points=2)
def one_step(solution, draw):
    """One AdamW step with zero gradients shrinks what is decayed and moves nothing else."""
    model = draw.module(nn.Sequential(nn.Linear(3, 4), nn.BatchNorm1d(4)))
    weight_decay = draw_decay(draw)
    groups = solution.decay_groups(model, weight_decay)
    optimizer = torch.optim.AdamW(groups, lr=0.1, weight_decay=weight_decay)
    for parameter in model.parameters():
        parameter.grad = torch.zeros_like(parameter)
    optimizer.step()
    return observe.parameters(model)


@check(points=1, after=linear)
def unchanged(solution, draw):
    """The model is left as it was: parameters, what is trainable, gradients and mode."""
    model = draw.module(nn.Sequential(nn.Linear(3, 4), nn.BatchNorm1d(4), nn.Linear(4, 2)))
    for parameter in model.parameters():
        parameter.grad = draw.tensor(*parameter.shape)
    model[0].eval()  # beside others that are in training mode
    solution.decay_groups(model, draw_decay(draw))
    return observe.state(model)


@check(points=1, hidden=True)
def no_biases(solution, draw):
    """A model without any bias or normalisation works too: its second group is empty."""
    layers = [nn.Linear(3, 3, bias=False) for _ in range(3)]
    model = draw.module(nn.Sequential(*layers))
    groups = solution.decay_groups(model, draw_decay(draw))
    return [len(groups), settings(groups, model)]


@check(points=2, hidden=True)
def whole_model(solution, draw):
    """It all holds together, in one deeper model."""
    block = nn.Sequential(nn.Linear(4, 4), ScaleNorm(4), nn.Sequential(nn.RMSNorm(4), nn.PReLU()))
    model = draw.module(nn.ModuleDict({
        "first": nn.Sequential(nn.Conv1d(2, 4, 1), nn.BatchNorm1d(4)),
        "block": block,
        "again": block,
        "encoder": nn.TransformerEncoderLayer(4, 1, 4),
        "frozen": nn.Linear(4, 4).requires_grad_(False),
        "head": nn.Bilinear(2, 2, 3),
    }))
    return settings(solution.decay_groups(model, draw_decay(draw)), model)
