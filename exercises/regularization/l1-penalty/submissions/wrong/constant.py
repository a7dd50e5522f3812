# caught by: value, positive, negative, units, growth, with_biases, without_biases, lone_layer, own_names, buffers, shared, gradient, bias_gradient, unusual
import torch


def l1_penalty(model, skip_bias):
    return torch.tensor(1.0)
