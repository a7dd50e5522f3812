# caught by: with_biases, without_biases, own_names, buffers, bias_gradient, precision, unusual; misconception: only-weights
from torch import nn


def l1_penalty(model, skip_bias):
    layers = [module for module in model.modules() if isinstance(module, nn.Linear)]
    total = sum(layer.weight.abs().sum() for layer in layers)
    if not skip_bias:
        total = total + sum(layer.bias.abs().sum() for layer in layers if layer.bias is not None)
    return total
