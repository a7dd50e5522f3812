"""What a scenario can look at."""

from __future__ import annotations

import math
import random

import numpy as np
import pytest
import torch
from torch import nn

from graders import observe
from graders.judge import places


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


def test_a_change_in_place_of_any_input_shows(model):
    x, rows = torch.ones(2), [torch.zeros(1), {"n": 3}]

    def call():
        x.add_(1)
        rows[0].add_(5)
        rows.append(7)
        model[0].bias.requires_grad_(False)
        model.eval()

    seen = observe.inputs_after(call, x=x, rows=rows, model=model, name="x")
    assert seen["x"].tolist() == [2, 2]
    assert [seen["rows"][0].tolist(), *seen["rows"][1:]] == [[5], {"n": 3}, 7]
    assert not seen["model"]["parameters"]["0.bias"].requires_grad
    assert seen["model"]["training"][""] is False
    assert seen["name"] == "x"
    x.zero_()
    assert seen["x"].tolist() == [2, 2], "it must be a copy"


def test_two_calls_under_a_seed_show_chance_from_elsewhere_and_what_is_kept():
    def all_generators():
        return [torch.rand(3), random.random(), np.random.rand()]  # noqa: NPY002, S311

    first, second = observe.repeated(all_generators, 5)
    assert torch.equal(first[0], second[0])
    assert first[1:] == second[1:]
    assert not torch.equal(first[0], observe.repeated(all_generators, 6)[0][0])
    own = torch.Generator().manual_seed(1)
    one, other = observe.repeated(lambda: torch.rand(3, generator=own), 5)
    assert not torch.equal(one, other)
    kept = torch.zeros(1)
    one, other = observe.repeated(lambda: kept.add_(1), 5)
    assert (one.item(), other.item()) == (1, 2), "the first must be a copy"


def test_what_shares_memory_with_a_result_is_named(model):
    x, y = torch.ones(4), torch.ones(4)
    assert observe.shares_memory(x[2:].view(2, 1), x=x[:2], y=y) == ["x"]
    assert observe.shares_memory({"a": (y, [x.clone()])}, x=[{"x": x}], y=y) == ["y"]
    assert observe.shares_memory(model[1].running_mean, x=x, model=model) == ["model"]
    assert observe.shares_memory(x + 0, x=x) == []
    assert observe.shares_memory(model.state_dict(), model=model) == ["model"]


def test_what_has_no_memory_shares_none():
    meta, empty = torch.ones(2, device="meta"), torch.ones(0)
    sparse = torch.ones(2).to_sparse()
    for value in (meta, empty, sparse, None, 3, "x"):
        assert observe.shares_memory(value, value=value) == []


def test_exact_zeros_are_not_tiny_numbers():
    tensor = torch.tensor([[0.0, -0.0, 1e-45, math.nan]], requires_grad=True)
    seen = observe.zeros(tensor)
    assert seen.tolist() == [[True, True, False, False]]
    assert (seen.dtype, seen.requires_grad) == (torch.bool, False)


def test_the_gradient_of_one_tensor_leaves_every_grad_alone():
    x = torch.tensor([1.0, -2.0], requires_grad=True)
    result = (x**2).sum().reshape(1, 1)
    assert observe.gradient(result, x).tolist() == [2, -4]
    assert observe.gradient(result, x).tolist() == [2, -4], "the graph must be kept"
    assert x.grad is None


@pytest.mark.parametrize(
    ("result", "reason"),
    [
        (torch.zeros((), requires_grad=True), "no gradient: the result does not depend on it"),
        (torch.zeros(()), "no gradient: the result is a float32 tensor of shape () on cpu, "),
        ("x", "no gradient: the result is a str (no tensor)"),
        (torch.zeros(2, requires_grad=True), "no gradient: the result has 2 elements"),
    ],
)
def test_where_one_tensor_has_no_gradient_the_reason_is_told(result, reason):
    x = torch.zeros(2, requires_grad=True)
    assert observe.gradient(result, x).startswith(reason)


def test_groups_are_seen_with_names_and_all_their_settings(model):
    groups = [
        {"params": [model[1].weight, torch.zeros(1, requires_grad=True)], "weight_decay": 0.5},
        {"params": [model[0].weight, model[0].bias], "lr": torch.tensor(0.2)},
    ]
    optimizer = torch.optim.SGD(groups, lr=0.1, momentum=0.9)
    one, other = observe.optimizer_groups(optimizer, model)
    assert one["params"] == ["(not in the model)", "1.weight"]
    assert (one["weight_decay"], one["lr"], one["momentum"]) == (0.5, 0.1, 0.9)
    assert other["params"] == ["0.bias", "0.weight"]
    assert other["lr"] == torch.tensor(0.2)
    defaults = observe.optimizer_defaults(optimizer)
    assert (defaults["lr"], defaults["weight_decay"], defaults["momentum"]) == (0.1, 0, 0.9)


def test_the_judge_knows_the_marks_and_the_size_of_the_generator(model):
    # The judge never imports torch, so it has these in its own words.
    assert observe.state(model)[places.OBSERVED] == places.STATE
    assert observe.inputs_after(lambda: None)[places.OBSERVED] == places.INPUTS
    assert observe.random_state().shape == (places.GENERATOR_BYTES,)
