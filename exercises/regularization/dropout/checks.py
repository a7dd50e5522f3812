"""Checks of `Dropout(p)`, a module: properties of every right one, whatever numbers it draws.

Rates are measured over 200,000 elements. Two right solutions then differ by 0.0015 or so, and the
tolerances are at least six times as wide as chance alone makes the difference. Batches are very
wide or very long, so that one draw for many elements is seen for certain, or not at all.
"""

import torch
from torch import nn

from graders import check, observe

MANY = 100_000


def draw_p(draw):
    """Return a probability to be dropped that is clearly above 0 and clearly below that to stay."""
    return draw.number(0.1, 0.4)


def draw_constant(draw, *shape, dtype=torch.float32):
    """Return a tensor of one value between 1 and 2."""
    return torch.full(shape, draw.number(1.0, 2.0), dtype=dtype, device=draw.device)


def drop(solution, draw, p, rows=2, columns=MANY):
    """Return where a new module of this p drops: bool of shape (rows, columns)."""
    return observe.zeros(solution.Dropout(p)(draw_constant(draw, rows, columns)))


def share(mask):
    return mask.double().mean().item()


def agreement(mask, dim):
    """Return how often neighbours along a dimension share their fate."""
    return share(mask == mask.roll(1, dim))


@check(points=2)
def values(solution, draw):
    """In training an element becomes 0 or, where it stays, 1/(1-p) times as large."""
    output = solution.Dropout(draw_p(draw))(draw_constant(draw, 200, 200))
    return {"values in the output": output.unique()}


@check(points=1)
def half(solution, draw):
    """With p = 0.5 an element becomes 0 or twice as large."""
    output = solution.Dropout(0.5)(draw_constant(draw, 200, 200))
    return {"values in the output": output.unique()}


@check(points=2, tolerance=0.008)
def rate(solution, draw):
    """An element is dropped with probability p."""
    p = draw_p(draw)
    return {f"share of zeros for p = {p:.3f}": share(drop(solution, draw, p))}


@check(points=1, after=values, tolerance=0.01)
def mean(solution, draw):
    """On average the output is what came in: training and evaluation fit together."""
    output = solution.Dropout(draw_p(draw))(draw_constant(draw, 2, MANY))
    return {"mean of the output": output.double().mean().item()}


@check(points=1, after=values)
def evaluation(solution, draw):
    """In evaluation mode the output is the input, and a gradient can pass."""
    x = draw.tensor(50, 20, requires_grad=True)
    module = nn.Sequential(solution.Dropout(draw_p(draw)))
    module.train()(x)
    return module.eval()(x)


@check(points=1, after=values)
def evaluation_drops_nothing(solution, draw):
    """In evaluation mode only that is 0 which came in as 0."""
    x = draw.tensor(50, 20).relu()
    return {"zeros": observe.zeros(solution.Dropout(draw_p(draw)).eval()(x))}


@check(points=1, tolerance=0.008)
def rows(solution, draw):
    """Every row of a batch has a mask of its own."""
    p = draw.integer(2, 8) / 20  # so that exactly p of a row's elements can be meant, too
    return {"rows agree": agreement(drop(solution, draw, p, MANY // 2, 20), 0)}


@check(points=1, tolerance=0.008)
def columns(solution, draw):
    """The elements of a row are dropped one by one, not together."""
    return {"columns agree": agreement(drop(solution, draw, draw_p(draw)), 1)}


@check(points=1, tolerance=0.05)
def chance(solution, draw):
    """How many elements of a row are dropped is up to chance as well."""
    p, columns = draw_p(draw), draw.integer(10, 60)
    counts = drop(solution, draw, p, 20_000, columns).double().sum(dim=1)
    return {"spread": counts.std().item(), "dropped in a row, on average": counts.mean().item()}


@check(points=1, tolerance=0.008)
def calls(solution, draw):
    """Every call draws a new mask."""
    module, x = solution.Dropout(draw_p(draw)), draw_constant(draw, 2, MANY)
    first, second = observe.zeros(module(x)), observe.zeros(module(x))
    return {"calls agree": share(first == second)}


@check(points=1, tolerance=0.008)
def generator(solution, draw):
    """Chance comes from torch's generator: after the same `torch.manual_seed` come equal masks."""
    module, x = solution.Dropout(draw_p(draw)), draw_constant(draw, 2, MANY)
    seed, masks = draw.integer(0, 10**6), []
    for _ in range(2):
        torch.manual_seed(seed)
        masks.append(observe.zeros(module(x)))
    return {"differ": (masks[0] != masks[1]).sum().item(), "share of zeros": share(masks[0])}


@check(points=2)
def gradient(solution, draw):
    """The gradient is 1/(1-p) where the element stayed, and 0 where it was dropped."""
    x = draw_constant(draw, 200, 200).requires_grad_()
    output = solution.Dropout(draw_p(draw))(x)
    found = observe.gradient(output.sum(), x)
    if isinstance(found, str):
        return found
    at_odds = observe.zeros(found) != observe.zeros(output)
    return {"values in the gradient": found.unique(), "at the wrong place": at_odds.sum().item()}


@check(points=1, after=values)
def nothing_dropped(solution, draw):
    """With p = 0 the output is the input, in training too."""
    return solution.Dropout(0.0)(draw.tensor(50, 20))


@check(points=1)
def all_dropped(solution, draw):
    """With p = 1 the output is 0 everywhere, and not NaN."""
    return solution.Dropout(1.0)(draw.tensor(draw.integer(2, 40), draw.integer(2, 40)))


@check(points=1, after=all_dropped)
def all_dropped_gradient(solution, draw):
    """With p = 1 the gradient is 0 everywhere, and not NaN."""
    x = draw.tensor(draw.integer(2, 40), draw.integer(2, 40), requires_grad=True)
    return observe.gradient(solution.Dropout(1.0)(x).sum(), x)


@check(points=1, after=values)
def input_kept(solution, draw):
    """The input is not changed."""
    x = draw.tensor(50, 20)
    module = solution.Dropout(draw_p(draw))
    return observe.inputs_after(lambda: module(x), x=x)


@check(points=1, after=values)
def nothing_to_learn(solution, draw):
    """The module has no parameters, which an optimizer would change, and no buffers."""
    module = solution.Dropout(draw_p(draw))
    output = module(draw_constant(draw, 200, 200))
    return {"state": sorted(module.state_dict()), "values": output.detach().unique()}


@check(points=1, after=values)
def dtypes(solution, draw):
    """The output has the input's dtype (tried with bfloat16)."""
    output = solution.Dropout(draw_p(draw))(draw_constant(draw, 200, 200, dtype=torch.bfloat16))
    return {"values in the output": output.unique()}


@check(points=1, after=values, tolerance=1e-10)
def precision(solution, draw):
    """For a float64 input the output is as precise as float64 is."""
    output = solution.Dropout(draw_p(draw))(draw_constant(draw, 200, 200, dtype=torch.float64))
    return {"values in the output": output.unique()}


@check(points=1, hidden=True, tolerance=0.01)
def other_rates(solution, draw):
    """It also holds for small and for large p."""
    seen = {}
    for size, p in (("small", draw.number(0.02, 0.05)), ("large", draw.number(0.9, 0.95))):
        x = draw_constant(draw, 2, MANY)
        output = solution.Dropout(p)(x)
        seen[size] = [share(observe.zeros(output)), (output.max() / x.max()).item()]
    return seen


@check(points=1, hidden=True)
def unusual(solution, draw):
    """It also holds for images, for inputs that are not contiguous, and for empty ones."""
    module, images = solution.Dropout(draw_p(draw)), draw_constant(draw, 4, 8, 20, 10)
    outputs = [module(images), module(images.transpose(1, 3)), module(images[:0])]
    return [[list(output.shape), output.unique()] for output in outputs]
