"""What a scenario can look at."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from graders import observe


@pytest.fixture
def model():
    return nn.Sequential(nn.Linear(2, 3), nn.BatchNorm1d(3))


def test_gradients_are_copies_and_none_where_there_are_none(model):
    model[0].weight.grad = torch.ones(3, 2)
    seen = observe.gradients(model)
    assert list(seen) == ["0.weight", "0.bias", "1.weight", "1.bias"]
    assert torch.equal(seen["0.weight"], torch.ones(3, 2))
    assert seen["0.bias"] is None
    model[0].weight.grad.zero_()
    assert torch.equal(seen["0.weight"], torch.ones(3, 2))


def test_state_sees_every_kind_of_change(model):
    before = observe.state(model)
    model[0].weight.requires_grad_(False)
    model[1].eval()
    with torch.no_grad():
        model[1].running_mean.add_(1)
        model[0].bias.add_(1)
    after = observe.state(model)
    assert before["parameters"]["0.weight"].requires_grad
    assert not after["parameters"]["0.weight"].requires_grad
    assert not torch.equal(before["parameters"]["0.bias"], after["parameters"]["0.bias"])
    name = "1.running_mean"
    assert not torch.equal(before["buffers"][name], after["buffers"][name])
    assert (before["training"]["1"], after["training"]["1"]) == (True, False)


def test_the_optimizer_is_seen_by_parameter_name(model):
    stranger = torch.zeros(1, requires_grad=True)
    groups = [
        {"params": [model[0].bias, model[0].weight], "weight_decay": 0.5},
        {"params": [model[1].weight, stranger], "lr": 0.2},
    ]
    optimizer = torch.optim.SGD(groups, lr=0.1)
    seen = observe.optimizer_settings(optimizer, model, ("weight_decay", "lr"))
    assert seen == {
        "0.weight": {"weight_decay": 0.5, "lr": 0.1},
        "0.bias": {"weight_decay": 0.5, "lr": 0.1},
        "1.weight": {"weight_decay": 0, "lr": 0.2},
        "1.bias": "not in the optimizer",
        "(not in the model)": 1,
    }
    with pytest.raises(KeyError):
        observe.optimizer_settings(optimizer, model, ("no_such_setting",))


@pytest.mark.filterwarnings("ignore:optimizer contains a parameter group with duplicate")
def test_a_parameter_that_is_held_twice_shows_twice(model):
    optimizer = torch.optim.SGD([model[0].bias, model[0].bias], lr=0.1)
    seen = observe.optimizer_settings(optimizer, model)
    assert seen["0.bias"] == "2 times in the optimizer"


@pytest.mark.parametrize(
    ("value", "form"),
    [
        (torch.zeros(()), "float32 tensor of shape () on cpu, without a graph"),
        (
            torch.zeros(1, 2, device="meta", dtype=torch.float64, requires_grad=True),
            "float64 tensor of shape (1, 2) on meta, with a graph",
        ),
        (1.5, "float (no tensor)"),
        (None, "NoneType (no tensor)"),
    ],
)
def test_the_form_of_a_value(value, form):
    assert observe.form(value) == form


@pytest.mark.parametrize(
    ("value", "number"),
    [
        (torch.tensor(2.5, requires_grad=True), 2.5),
        (torch.tensor([[3]]), 3),
        (2, 2.0),
        (True, 1.0),
        (torch.ones(2), "float32 tensor of shape (2,) on cpu, without a graph"),
        (torch.ones((), device="meta"), "float32 tensor of shape () on meta, without a graph"),
        ("2", "str (no tensor)"),
    ],
)
def test_the_number_of_a_value(value, number):
    assert observe.number(value) == number


def test_going_back_gives_fresh_gradients(model):
    model[0].weight.grad = torch.full((3, 2), 7.0)
    seen = observe.backward(2 * model[0].weight.sum(), model)
    assert torch.equal(seen["0.weight"], torch.full((3, 2), 2.0))
    assert seen["0.bias"] is None


@pytest.mark.parametrize(
    ("result", "reason"),
    [
        (1.0, "no gradient: the result is a float (no tensor)"),
        (torch.zeros(()), "no gradient: the result is a float32 tensor of shape () on cpu, "),
        (torch.zeros(3, requires_grad=True), "no gradient: the result has 3 elements"),
    ],
)
def test_where_there_is_no_way_back_the_reason_is_told(model, result, reason):
    assert observe.backward(result, model).startswith(reason)


def test_the_random_state_shows_a_draw():
    before = observe.random_state()
    torch.rand(1)
    assert not torch.equal(before, observe.random_state())
    assert before.dtype is torch.uint8
