"""The source of a scenario's inputs."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from graders.checks.draw import Draw


class Tied(nn.Module):
    def __init__(self):
        super().__init__()
        self.embedding = nn.Embedding(4, 3)
        self.output = nn.Linear(3, 4)
        self.output.weight = self.embedding.weight


def draw_everything(seed):
    draw = Draw(seed)
    return [
        draw.tensor(2, 3),
        draw.tensor(4, dtype=torch.int64),
        torch.tensor([draw.integer(0, 10**9), draw.number(0.0, 1.0), draw.choice(range(10**6))]),
        *draw.module(nn.Sequential(nn.Linear(2, 3), nn.BatchNorm1d(3))).state_dict().values(),
    ]


def test_the_same_seed_draws_the_same_and_another_seed_does_not():
    pairs = list(zip(draw_everything(5), draw_everything(5), strict=True))
    assert all(torch.equal(one, other) for one, other in pairs)
    assert not torch.equal(draw_everything(5)[0], draw_everything(6)[0])


def test_the_global_generator_is_neither_used_nor_changed():
    before = torch.get_rng_state()
    torch.manual_seed(1)
    one = Draw(3).tensor(4)
    torch.manual_seed(2)
    other = Draw(3).tensor(4)
    assert torch.equal(one, other)
    torch.set_rng_state(before)
    Draw(3).tensor(4)
    assert torch.equal(torch.get_rng_state(), before)


def test_a_module_s_parameters_and_statistics_are_no_longer_the_defaults():
    norm = Draw(1).module(nn.BatchNorm1d(50))
    assert not torch.equal(norm.weight, torch.ones(50))
    assert norm.running_mean.min() >= 0.5
    assert norm.running_var.min() >= 0.5
    assert norm.running_var.max() < 1.5
    assert norm.num_batches_tracked == 0


def test_a_module_stays_what_it_was():
    model = Tied().double()
    model.output.bias.requires_grad_(False)
    assert Draw(1).module(model) is model
    assert model.output.weight is model.embedding.weight
    assert model.output.weight.dtype is torch.float64
    assert [p.requires_grad for p in model.parameters()] == [True, False]
    assert all(parameter.is_leaf for parameter in model.parameters())


def test_the_dtype_does_not_change_what_is_drawn():
    single = Draw(7).module(nn.Linear(3, 3)).weight
    double = Draw(7).module(nn.Linear(3, 3).double()).weight
    assert torch.equal(single, double.float())


def test_a_meta_module_has_nothing_to_fill():
    with torch.device("meta"):
        model = nn.Linear(2, 2)
    assert Draw(1).module(model).weight.is_meta


def test_a_parameter_of_no_dimension_can_be_filled():
    model = nn.Module()
    model.scale = nn.Parameter(torch.zeros(()))
    assert Draw(1).module(model).scale != 0


def test_integers_include_both_ends_and_numbers_the_lower_one():
    draw = Draw(2)
    assert {draw.integer(1, 3) for _ in range(100)} == {1, 2, 3}
    assert all(2.0 <= draw.number(2.0, 2.5) < 2.5 for _ in range(100))
    assert {draw.choice("ab") for _ in range(50)} == {"a", "b"}


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16, torch.complex64, torch.int32])
def test_tensors_have_the_dtype_and_shape_that_are_asked_for(dtype):
    tensor = Draw(3).tensor(2, 0, 5, dtype=dtype)
    assert (tensor.dtype, tensor.shape) == (dtype, (2, 0, 5))
    assert Draw(3).tensor(dtype=dtype).shape == ()


def test_a_tensor_may_require_a_gradient():
    tensor = Draw(3).tensor(2, requires_grad=True)
    assert tensor.requires_grad
    assert tensor.is_leaf


def test_what_a_submission_draws_at_random_does_not_follow_its_inputs():
    draw = Draw(7)
    torch.manual_seed(7)  # as the worker does
    inputs = draw.tensor(100_000)
    own = torch.empty(100_000, dtype=torch.float64).normal_()
    correlation = torch.corrcoef(torch.stack([inputs.double(), own]))[0, 1]
    assert abs(correlation) < 0.02


def test_a_default_device_of_the_check_s_own_changes_no_input():
    with torch.device("meta"):
        drawn = Draw(3)
        seen = [
            drawn.integer(1, 99),
            drawn.number(0.0, 1.0),
            drawn.tensor(2),
            drawn.tensor(2, dtype=torch.int64),
        ]
    plain = Draw(3)
    assert seen[:2] == [plain.integer(1, 99), plain.number(0.0, 1.0)]
    assert torch.equal(seen[2], plain.tensor(2))
    assert torch.equal(seen[3], plain.tensor(2, dtype=torch.int64))
