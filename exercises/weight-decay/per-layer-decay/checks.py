"""Checks of `layer_groups(model, strengths, default)`: which parameter gets which weight decay.

What is looked at is an optimizer built from the groups, by parameter name: neither the number of
groups nor any order matters.
"""

import torch
from torch import nn

from graders import check, models, observe

OPTIMIZER_DEFAULT = 0.5  # shows where a group leaves its weight_decay to the optimizer


def settings(groups, model, kind=torch.optim.SGD):
    """Return the weight decay of each parameter in an optimizer built from the groups."""
    # An optimizer completes the dicts that it is given: it gets dicts of its own.
    copies = [dict(group) for group in groups]
    optimizer = kind(copies, lr=0.1, weight_decay=OPTIMIZER_DEFAULT)
    found = observe.optimizer_settings(optimizer, model)
    return {name: each["weight_decay"] if isinstance(each, dict) else each
            for name, each in found.items()}


def layers(draw, *names):
    """Layers of these names, next to each other, with nothing but a weight."""
    return draw.module(nn.ModuleDict({name: nn.Linear(2, 2, bias=False) for name in names}))


def draw_strength(draw):
    return draw.number(0.01, 0.2)


def draw_nested(draw):
    """Strengths of modules inside each other, which neither grow nor shrink towards the inside."""
    ranges = {"body": (0.08, 0.12), "body.2": (0.15, 0.2), "body.2.2": (0.01, 0.05)}
    return {name: draw.number(*ends) for name, ends in ranges.items()}


def try_names(solution, model, names):
    """Return by name the error that the name leads to, or None; each together with a right one."""
    errors = {}
    for name in names:
        try:
            solution.layer_groups(model, {"first": 0.1, name: 0.1}, 0.0)
        except Exception as error:
            errors[name] = error
        else:
            errors[name] = None
    return errors


@check(points=2)
def by_layer(solution, draw):
    """Each named layer has its own strength, and all others have the default."""
    model = layers(draw, "first", "second", "third")
    strengths = {"first": draw_strength(draw), "third": draw_strength(draw)}
    return settings(solution.layer_groups(model, strengths, draw_strength(draw)), model)


@check(points=1)
def biases(solution, draw):
    """Biases and normalisation belong to their layer, and get its strength."""
    block = nn.Sequential(nn.Linear(2, 2), nn.LayerNorm([2, 2]))
    model = draw.module(nn.ModuleDict({"first": block, "second": nn.Linear(2, 2)}))
    strengths = {"first": draw_strength(draw)}
    return settings(solution.layer_groups(model, strengths, draw_strength(draw)), model)


@check(points=1)
def no_names(solution, draw):
    """Where no layer is named, all have the default."""
    model = layers(draw, "first", "second")
    return settings(solution.layer_groups(model, {}, draw_strength(draw)), model)


@check(points=2)
def each_once(solution, draw):
    """Every parameter is in one group, once; only frozen ones are in none."""
    model = layers(draw, *"abcdefgh")
    for name in "bdefgh":
        model[name].requires_grad_(draw.choice([True, False]))
    model[draw.choice("bdefgh")].requires_grad_(False)
    found = settings(solution.layer_groups(model, {"a": 0.0, "b": 0.1, "c": 0.0}, 0.2), model)
    return {name: each if isinstance(each, str) else "once" for name, each in found.items()}


@check(points=2)
def similar_names(solution, draw):
    """`layer1` is neither `layer10` nor `my_layer1`."""
    model = layers(draw, "layer1", "layer10", "my_layer1", "layer2")
    strengths = {"layer1": draw_strength(draw)}
    return settings(solution.layer_groups(model, strengths, draw_strength(draw)), model)


@check(points=1)
def both_given(solution, draw):
    """`layer1` and `layer10` can have strengths of their own, in any order."""
    model = layers(draw, "layer1", "layer10")
    strengths = {"layer10": draw_strength(draw), "layer1": draw_strength(draw)}
    turned = dict(reversed(strengths.items()))
    orders = (strengths, turned)
    return [settings(solution.layer_groups(model, each, 0.3), model) for each in orders]


@check(points=2)
def below(solution, draw):
    """A name stands for all parameters below that module, however deep."""
    model = draw.module(models.nested())
    strengths = {"body": draw_strength(draw)}
    return settings(solution.layer_groups(model, strengths, draw_strength(draw)), model)


@check(points=1)
def dotted(solution, draw):
    """A module inside another one is named with dots: `body.2`."""
    model = draw.module(models.nested())
    strengths = {"body.2": draw_strength(draw)}
    return settings(solution.layer_groups(model, strengths, draw_strength(draw)), model)


@check(points=1)
def same_part(solution, draw):
    """`head` is not `decoder.head`, and `decoder` is not `encoder.decoder`."""
    parts = {"head": nn.Linear(2, 2), "decoder": nn.ModuleDict({"head": nn.Linear(2, 2)})}
    parts["encoder"] = nn.ModuleDict({"decoder": nn.Linear(2, 2), "head": nn.Linear(2, 2)})
    model = draw.module(nn.ModuleDict(parts))
    strengths = {"head": draw_strength(draw), "decoder": draw_strength(draw)}
    return settings(solution.layer_groups(model, strengths, draw_strength(draw)), model)


@check(points=1)
def inner_first(solution, draw):
    """Where several names fit the innermost decides, if it comes first in the dict."""
    model = draw.module(models.nested())
    strengths = dict(reversed(draw_nested(draw).items()))
    return settings(solution.layer_groups(model, strengths, draw_strength(draw)), model)


@check(points=1)
def inner_last(solution, draw):
    """Where several names fit the innermost decides, if it comes last in the dict."""
    model = draw.module(models.nested())
    strengths = draw_nested(draw)
    return settings(solution.layer_groups(model, strengths, draw_strength(draw)), model)


@check(points=1)
def zero_strength(solution, draw):
    """A strength of 0.0 is kept: such a layer is trained, but not decayed."""
    model = layers(draw, "first", "second")
    return settings(solution.layer_groups(model, {"first": 0.0}, draw_strength(draw)), model)


@check(points=1)
def zero_default(solution, draw):
    """A default of 0.0 is kept as well, whatever the optimizer's own default is."""
    model = layers(draw, "first", "second")
    return settings(solution.layer_groups(model, {"first": draw_strength(draw)}, 0.0), model)


@check(points=1)
def shared(solution, draw):
    """A shared parameter is in one group, once; the first of its names decides."""
    model = draw.module(models.tied())
    both = {"output": draw_strength(draw), "embedding": draw_strength(draw)}
    second = {"output": draw_strength(draw)}
    return [settings(solution.layer_groups(model, each, 0.3), model) for each in (both, second)]


@check(points=1)
def used_twice(solution, draw):
    """The same groups build a second optimizer, of another kind."""
    model = layers(draw, "first", "second")
    groups = solution.layer_groups(model, {"first": draw_strength(draw)}, draw_strength(draw))
    return [settings(groups, model), settings(groups, model, kind=torch.optim.AdamW)]


@check(points=1, after=by_layer)
def typo(solution, draw):
    """A name that is no module of the model raises an error."""
    errors = try_names(solution, layers(draw, "first"), [f"layer{draw.integer(100, 999)}"])
    return {name: "no error" if error is None else "an error" for name, error in errors.items()}


@check(points=1, after=typo)
def half_a_name(solution, draw):
    """Half of a module's name is no module, and neither is a parameter."""
    number = draw.integer(10, 99)
    names = [f"layer{number}", f"layer{number}0.weight", f"ayer{number}0"]
    errors = try_names(solution, layers(draw, "first", f"layer{number}0"), names)
    return {name: "no error" if error is None else "an error" for name, error in errors.items()}


@check(points=1, after=typo)
def error_message(solution, draw):
    """The error is a `ValueError` that says which name it is."""
    errors = try_names(solution, layers(draw, "first"), [f"layer{draw.integer(100, 999)}"])
    return {
        name: f"{type(error).__name__}: {name if name in str(error) else 'without the name'}"
        for name, error in errors.items()
    }


@check(points=1, after=by_layer)
def model_unchanged(solution, draw):
    """The model is left as it was: parameters, what is trainable, gradients and mode."""
    model = draw.module(models.frozen())
    for parameter in model.parameters():
        parameter.grad = draw.tensor(*parameter.shape)
    model[0].eval()  # beside others that are in training mode
    solution.layer_groups(model, {"4": 0.0, "2": 0.1}, 0.0)
    return observe.state(model)


@check(points=1, after=by_layer)
def strengths_unchanged(solution, draw):
    """The dict of strengths is left as it was."""
    model, strengths = draw.module(models.nested()), draw_nested(draw)
    return observe.inputs_after(
        lambda: solution.layer_groups(model, strengths, 0.1), strengths=strengths
    )


@check(points=2, hidden=True)
def whole_model(solution, draw):
    """It all holds together, in one deeper model."""
    block = nn.Sequential(nn.Linear(4, 4), nn.LayerNorm(4))
    model = draw.module(nn.ModuleDict({
        "block1": block,
        "again": nn.Sequential(nn.PReLU(), block),
        "block10": nn.TransformerEncoderLayer(4, 1, 4),
        "frozen": nn.Linear(2, 2).requires_grad_(False),
        "head": nn.Sequential(nn.Linear(4, 4), nn.Linear(4, 1)),
    }))
    names = ("head", "block1", "again", "head.1", "block10", "again.0", "frozen")
    strengths = {
        "block10.self_attn": draw.number(0.2, 0.3),
        **{name: draw_strength(draw) for name in names},
        "block10.norm1": 0.0,
    }
    return settings(solution.layer_groups(model, strengths, draw_strength(draw)), model)
