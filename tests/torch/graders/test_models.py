"""The ready-made networks keep what their docstrings promise."""

from __future__ import annotations

import pytest
import torch

from graders import models
from graders.checks.draw import Draw

FLOATS = [models.nested, models.frozen, models.with_buffers, models.dropout_and_norm]
ALL = [*FLOATS, models.tied]


def names(model):
    return [name for name, _ in model.named_parameters()]


def inputs(make, dtype=torch.float32):
    return torch.tensor([0, 4, 2]) if make is models.tied else Draw(1).tensor(3, 3, dtype=dtype)


@pytest.mark.parametrize("make", ALL)
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64, torch.bfloat16])
def test_each_runs_in_every_dtype_and_has_a_gradient(make, dtype):
    model = Draw(1).module(make().to(dtype))
    result = model(inputs(make, dtype))
    assert result.shape == (3, 5 if make is models.tied else 2)
    assert result.dtype is dtype
    result.sum().backward()
    trainable = [p for p in model.parameters() if p.requires_grad]
    assert all(p.grad is not None for p in trainable)


@pytest.mark.parametrize("make", ALL)
def test_each_can_be_made_without_memory_and_anew(make):
    with torch.device("meta"):
        model = make()
    assert all(tensor.is_meta for tensor in [*model.parameters(), *model.buffers()])
    assert make() is not make()


def test_nested_has_a_parameter_in_no_layer_and_layers_three_deep():
    layers = ("first", "body.0", "body.2.0", "body.2.2")
    told = [f"{layer}.{kind}" for layer in layers for kind in ("weight", "bias")]
    assert names(models.nested()) == ["scale", *told]


def test_tied_has_one_weight_under_two_names():
    model = models.tied()
    assert model.output.weight is model.embedding.weight
    assert names(model) == ["embedding.weight", "hidden.weight", "hidden.bias", "output.bias"]
    assert "output.weight" in model.state_dict()


def test_frozen_has_both_kinds_of_parameters_in_one_layer():
    flags = {name: p.requires_grad for name, p in models.frozen().named_parameters()}
    assert [name for name, flag in flags.items() if flag] == ["2.weight", "4.weight", "4.bias"]
    assert len(flags) == 6


def test_buffers_change_with_a_pass_in_training_mode():
    model = models.with_buffers()
    assert [name for name, _ in model.named_buffers()] == [
        "1.running_mean",
        "1.running_var",
        "1.num_batches_tracked",
    ]
    before = model[1].running_mean.clone()
    model(inputs(models.with_buffers))
    assert not torch.equal(before, model[1].running_mean)


def test_dropout_and_norm_behaves_otherwise_in_evaluation_mode():
    model, x = Draw(1).module(models.dropout_and_norm()), inputs(models.dropout_and_norm)
    assert not torch.equal(model(x), model(x))
    model.eval()
    assert torch.equal(model(x), model(x))
