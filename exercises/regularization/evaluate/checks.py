"""Checks of `evaluate(model, loader)`: mean cross-entropy and accuracy, and no trace left.

Models take 4 features and know 3 classes. Before most checks they are in training mode, in which
a validation pass finds them.
"""

import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

from graders import check, observe


def plain():
    return nn.Linear(4, 3)


def with_norm():
    return nn.Sequential(nn.Linear(4, 6), nn.BatchNorm1d(6), nn.ReLU(), nn.Linear(6, 3))


def with_dropout():
    return nn.Sequential(nn.Linear(4, 50), nn.Dropout(0.5), nn.Linear(50, 3))


def draw_examples(draw, count, dtype=torch.float32):
    """Return inputs of shape (count, 4), and classes of shape (count,)."""
    classes = [draw.integer(0, 2) for _ in range(count)]
    return draw.tensor(count, 4, dtype=dtype), torch.tensor(classes, device=draw.device)


def load(examples, batch_size, **settings):
    return DataLoader(TensorDataset(*examples), batch_size, **settings)


def with_right_ones_first(draw, model, count, right):
    """Return examples of which the model predicts the first `right`, and no others."""
    inputs = draw.tensor(count, 4)
    classes = model(inputs).argmax(dim=1)
    classes[right:] = (classes[right:] + 1) % 3
    return inputs, classes


def form(result):
    """Say what kind of value came back, and what it consists of."""
    if not isinstance(result, tuple | list):
        return observe.form(result)
    return f"a {type(result).__name__}: " + ", ".join(observe.form(part) for part in result)


def named(result):
    """Return both numbers under their names, whatever kinds of numbers they are."""
    loss, accuracy = result
    return {"loss": observe.number(loss), "accuracy": observe.number(accuracy)}


def measure(solution, model, loader):
    """Evaluate, and say whether the model was run: who does nothing leaves no trace either."""
    runs = []
    hook = model.register_forward_hook(lambda *_: runs.append(None))
    solution.evaluate(model, loader)
    hook.remove()
    return {"the model was run": bool(runs)}


def mode_after(solution, draw, model):
    """Evaluate, and return each module's mode and what the model then makes of a batch."""
    seen = measure(solution, model, load(draw_examples(draw, 8), 4))
    modes = {name or "model": module.training for name, module in model.named_modules()}
    # In training mode BatchNorm goes by the batch alone, so its statistics do not matter here.
    return {**seen, "training mode": modes, "output": model(draw.tensor(5, 4)).detach()}


@check(points=1, structural=True)
def floats(solution, draw):
    """What comes back is a tuple of two Python floats."""
    return form(solution.evaluate(draw.module(plain()), load(draw_examples(draw, 6), 3)))


@check(points=1)
def loss(solution, draw):
    """Over batches of equal size the loss is the mean cross-entropy of all examples."""
    result = solution.evaluate(draw.module(plain()), load(draw_examples(draw, 15), 5))
    return {"loss": named(result)["loss"]}


@check(points=1)
def accuracy(solution, draw):
    """Over batches of equal size the accuracy is the share of examples that are right."""
    model = draw.module(plain())
    examples = with_right_ones_first(draw, model, 45, draw.integer(20, 40))
    return {"accuracy": named(solution.evaluate(model, load(examples, 15)))["accuracy"]}


@check(points=2)
def smaller_batch(solution, draw):
    """Every example counts the same, also where the last batch is smaller than the others."""
    model = draw.module(plain())
    examples = with_right_ones_first(draw, model, 11, draw.integer(4, 7))
    return named(solution.evaluate(model, load(examples, 8)))


@check(points=1)
def one_example(solution, draw):
    """For a single example that is right, the loss is its cross-entropy and the accuracy 1.0."""
    model = draw.module(plain())
    examples = with_right_ones_first(draw, model, 1, 1)
    return named(solution.evaluate(model, load(examples, 4)))


@check(points=2)
def dropout_off(solution, draw):
    """Dropout is off: two evaluations in a row give the same numbers, which are the right ones."""
    model, loader = draw.module(with_dropout()), load(draw_examples(draw, 12), 4)
    return [named(solution.evaluate(model, loader)) for _ in range(2)]


@check(points=1)
def batch_norm(solution, draw):
    """BatchNorm uses the statistics that it has gathered in training."""
    return named(solution.evaluate(draw.module(with_norm()), load(draw_examples(draw, 12), 4)))


@check(points=1)
def statistics_kept(solution, draw):
    """BatchNorm gathers nothing from validation data."""
    model = draw.module(with_norm())
    seen = measure(solution, model, load(draw_examples(draw, 12), 4))
    return {**seen, **dict(model.named_buffers())}


@check(points=1)
def stays_in_training(solution, draw):
    """A model that was in training mode is in training mode afterwards."""
    return mode_after(solution, draw, draw.module(with_norm()).train())


@check(points=1)
def stays_in_evaluation(solution, draw):
    """A model that was in evaluation mode is in evaluation mode afterwards."""
    return mode_after(solution, draw, draw.module(with_norm()).eval())


@check(points=1)
def mixed_modes(solution, draw):
    """Where only a part is in evaluation mode (a frozen BatchNorm), that part alone stays so."""
    model = draw.module(nn.Sequential(with_norm()[:2], with_norm()[2:])).train()
    model[0][1].eval()
    return mode_after(solution, draw, model)


@check(points=1)
def no_graph(solution, draw):
    """No graph is recorded, which would cost memory for nothing."""
    model, seen = draw.module(plain()), []
    # A list outside of the model: a solution may well evaluate a copy of it.
    model.register_forward_hook(lambda _model, _inputs, logits: seen.append(observe.form(logits)))
    size = draw.integer(2, 20)
    solution.evaluate(model, load(draw_examples(draw, 2 * size), size))
    return sorted(set(seen))


@check(points=1)
def gradients_flow(solution, draw):
    """After the evaluation autograd works as before, for every parameter."""
    model = draw.module(plain())
    seen = measure(solution, model, load(draw_examples(draw, 8), 4))
    return {**seen, "gradients": observe.backward(model(draw.tensor(5, 4)).sum(), model)}


@check(points=1)
def nothing_learned(solution, draw):
    """Parameters and gradients are left as they were."""
    model = draw.module(with_dropout())
    for parameter in model.parameters():
        parameter.grad = draw.tensor(*parameter.shape)
    seen = measure(solution, model, load(draw_examples(draw, 8), 4))
    parameters, gradients = observe.parameters(model), observe.gradients(model)
    return {**seen, "parameters": parameters, "gradients": gradients}


@check(points=1)
def random_numbers(solution, draw):
    """The random numbers of the training go on as if nothing had been in between."""
    model, batches = draw.module(plain()), [draw_examples(draw, 4) for _ in range(2)]
    torch.manual_seed(draw.integer(0, 10**6))
    seen = measure(solution, model, batches)
    return {**seen, "next random numbers": torch.rand(3)}


@check(points=1)
def one_pass(solution, draw):
    """The loader may be a generator: it has no length and can be read once."""
    model = draw.module(plain())
    examples = with_right_ones_first(draw, model, 11, draw.integer(4, 7))
    return named(solution.evaluate(model, (batch for batch in load(examples, 4))))


@check(points=1)
def dropped_batch(solution, draw):
    """What counts is the examples that come, not the data set: `drop_last=True` leaves some out."""
    model = draw.module(plain())
    examples = with_right_ones_first(draw, model, 11, draw.integer(4, 7))
    return named(solution.evaluate(model, load(examples, 4, drop_last=True)))


@check(points=1, tolerance=1e-10)
def precision(solution, draw):
    """For a model in float64 the loss is as precise as float64 is."""
    model = draw.module(plain().double())
    batches = load(draw_examples(draw, 11, torch.float64), 4)
    return {"loss": named(solution.evaluate(model, batches))["loss"]}


@check(points=2, hidden=True)
def images(solution, draw):
    """It all holds together for a network on images, with a last batch of a single one."""
    model = nn.Sequential(
        nn.Conv2d(1, 4, 2), nn.BatchNorm2d(4), nn.Dropout2d(0.3), nn.Flatten(), nn.Linear(36, 3)
    )
    draw.module(model)[1].eval()
    inputs, classes = draw_examples(draw, 4 * 13)[0].view(13, 1, 4, 4), draw_examples(draw, 13)[1]
    result = named(solution.evaluate(model, load((inputs, classes), 4)))
    return [result, observe.state(model)]
